// Query parameters with their checks. Collects what is wrong, so that the caller is told of
// everything at once; a parameter that no route reads is an error too.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace runledger::api {

class Query {
 public:
  explicit Query(const Request& request) : request_(request) {}

  std::uint64_t natural(const std::string& name, std::uint64_t fallback, std::uint64_t least,
                        std::uint64_t most);
  std::string text(const std::string& name);               // empty when absent
  std::vector<std::string> list(const std::string& name);  // split at ','
  bool flag(const std::string& name);                      // "true" or "false"
  void complain(const std::string& name, const std::string& message);

  // After all have been read: nullopt, or what is wrong with them.
  std::optional<Problem> problem();

 private:
  const Request& request_;
  std::set<std::string> read_;
  std::vector<FieldError> errors_;
};

}  // namespace runledger::api
