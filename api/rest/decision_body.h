// The bodies of decisions: small objects, of which every member is known. Collects what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "api/rest/json_body.h"

namespace runledger::api {

inline constexpr std::size_t kCommentBytesMax = 16 * 1024;  // of feedback or a comment

class DecisionBody {
 public:
  explicit DecisionBody(const Request& request);  // an empty body is an empty object

  bool has(const char* name) { return find(name) != nullptr; }
  std::optional<std::uint64_t> version();  // expected_version
  std::string text(const char* name);      // empty when absent; at most kCommentBytesMax
  std::string required_text(const char* name);
  std::string sha256(const char* name);               // required
  std::optional<std::string> json(const char* name);  // any value but null, as text
  void complain(const char* name, const std::string& message);
  void complain(FieldError error);

  // After all have been read: nullopt, or what is wrong.
  std::optional<Problem> problem();

 private:
  const Json* find(const char* name);

  Json body_ = Json::object();
  std::optional<Problem> refused_;
  std::set<std::string> read_;
  std::vector<FieldError> errors_;
};

}  // namespace runledger::api
