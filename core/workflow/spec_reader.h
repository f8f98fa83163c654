// Reads the members of one JSON object of a spec, strictly: what is wrong is noted with a pointer
// and what was expected, and reading goes on, so that all of it is found at once. One thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/workflow/json_node.h"
#include "core/workflow/spec.h"

namespace runledger::core {

class SpecErrors {
 public:
  void add(std::string pointer, std::string message);  // those beyond kSpecErrorsMax are dropped
  bool empty() const { return errors_.empty(); }
  std::vector<SpecError> take() { return std::move(errors_); }

 private:
  std::vector<SpecError> errors_;
};

struct NumberRange {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

// The node and the errors outlive it.
class SpecReader {
 public:
  SpecReader(const JsonNode& object, std::string pointer, SpecErrors& errors)
      : object_(object), pointer_(std::move(pointer)), errors_(errors) {}

  // Every other member is an error.
  void allow_only(std::initializer_list<std::string_view> names) const;

  const JsonNode* find(std::string_view name) const { return object_.find(name); }
  // Left out, or no object: nullptr; the second is an error.
  const JsonNode* object(std::string_view name) const;
  // Each of these leaves the value as it is when the member is left out or wrong.
  void natural(std::string_view name, NumberRange range, std::uint64_t& value) const;
  void natural(std::string_view name, NumberRange range, std::uint32_t& value) const;
  void duration_ms(std::string_view name, std::uint64_t& value) const;
  void real(std::string_view name, double min, double max, double& value) const;
  void roles(std::string_view name, std::vector<std::string>& value) const;
  void name(std::string_view name, std::string& value) const;  // of a task type or a workflow
  void texts(std::string_view name, std::vector<std::string>& value) const;
  // One of these words: its place in the list.
  void word(std::string_view name, std::initializer_list<std::string_view> words,
            std::size_t& place) const;

  void complain(std::string_view member, std::string message) const;
  std::string at(std::string_view member) const { return pointer_to(pointer_, member); }
  const std::string& pointer() const { return pointer_; }
  SpecErrors& errors() const { return errors_; }

 private:
  const JsonNode& object_;
  const std::string pointer_;
  SpecErrors& errors_;
};

// "Expected X, but got a string".
std::string expected(std::string_view what, const JsonNode& got);

}  // namespace runledger::core
