// Strict reading of JSON objects: a member is there and of its type, or the error names it. For our
// own stored payloads and rows; nlohmann stays in the .cpp files that include this. Text is checked
// as a whole at once, but built only where a member is asked for: most of what is read this way is
// a few strings and numbers, and folds read millions.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json_scan.h"

namespace runledger::core {

class JsonShapeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One thread.
class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  // Throws JsonShapeError when it is not JSON or not an object. The text outlives the reader.
  explicit JsonReader(std::string_view text);
  explicit JsonReader(std::string&& text);  // keeps it
  explicit JsonReader(Json object);

  bool has(const char* name) const;
  const Json& at(const char* name) const;
  std::string text(const char* name) const;
  std::string json(const char* name) const;  // any value, as the text that it is
  bool boolean(const char* name) const;
  double real(const char* name) const;
  std::int64_t integer(const char* name) const;
  std::uint64_t natural(const char* name) const;
  std::uint32_t natural32(const char* name) const;
  const Json& array(const char* name) const;
  JsonReader object(const char* name) const;  // of the same text
  Json all() const;

 private:
  void read();
  const JsonMember* find(std::string_view name) const;
  std::string_view value(const char* name) const;

  std::shared_ptr<const std::string> own_;  // the text, unless it is somebody else's
  std::string_view text_;
  std::vector<JsonMember> members_;
  // What at() has built: few are asked for.
  mutable std::vector<std::pair<std::string_view, std::shared_ptr<const Json>>> built_;
};

}  // namespace runledger::core
