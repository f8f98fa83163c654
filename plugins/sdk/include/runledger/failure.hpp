// What an executor throws when its attempt has failed.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace runledger {

// The attempt has failed. `code` is stable and snake_case; a retryable one is tried again as far as
// the step's retry policy goes, no earlier than retry_after.
class Failure : public std::runtime_error {
 public:
  Failure(std::string code, const std::string& message, bool retryable,
          std::chrono::milliseconds retry_after = {})
      : std::runtime_error(message),
        code_(std::move(code)),
        retryable_(retryable),
        retry_after_(retry_after) {}
  const std::string& code() const { return code_; }
  bool retryable() const { return retryable_; }
  std::chrono::milliseconds retry_after() const { return retry_after_; }

 private:
  std::string code_;
  bool retryable_;
  std::chrono::milliseconds retry_after_;
};

}  // namespace runledger
