// Why something has failed: of attempts, tasks, runs, resources. A plain value, on disk and in
// answers as fields() says.
#pragma once

#include <string>

#include "core/base/fields.h"

namespace runledger::core {

struct Error {
  std::string code;     // stable, for programs
  std::string message;  // for people
  bool retryable = false;
  bool operator==(const Error&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("code", &Error::code), field("message", &Error::message),
                      field("retryable", &Error::retryable)};
  }
};

}  // namespace runledger::core
