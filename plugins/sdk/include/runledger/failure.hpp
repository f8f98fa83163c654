// How an executor leaves: because its attempt has failed, or because it was told to stop.
#pragma once

#include <chrono>
#include <exception>
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

// The task was told to stop and did. Let it leave execute().
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped as requested"; }
};

}  // namespace runledger
