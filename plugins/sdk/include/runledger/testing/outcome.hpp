// What a task has come to, and what it said on its way. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>

namespace runledger::testing {

using json = nlohmann::json;

struct Emitted {
  std::string type;
  json data;
};
struct Logged {
  std::string level;  // debug, info, warning, error
  std::string text;
};
struct Progress {
  double percent = 0;
  std::string message;
};
struct Stored {
  std::string resource_id;
  std::string name;
  std::string media_type;
  std::string sha256;
  std::string content;
};
// A review that was asked for.
struct Asked {
  std::string name;
  json body;
  json validation;
  json schema;  // null: the body may be corrected to anything
};
// What a person says to one.
struct Answer {
  bool approved = true;
  std::string feedback = {};
  json corrected = nullptr;  // null: the body as it was shown
  std::string by = "user:tester";
};
// A finished durable call: kind is step, sleep, poll, review.
struct Memo {
  std::string kind;
  std::string name;
  json result;
  bool operator==(const Memo&) const = default;
};

class Outcome {
 public:
  static Outcome succeeded_with(json output) {
    Outcome outcome(State::kSucceeded);
    outcome.output_ = std::move(output);
    return outcome;
  }
  static Outcome failed_with(std::string code, std::string message, bool retryable,
                             std::uint64_t retry_after_ms = 0) {
    Outcome outcome(State::kFailed);
    outcome.code_ = std::move(code);
    outcome.text_ = std::move(message);
    outcome.retryable_ = retryable;
    outcome.retry_after_ = std::chrono::milliseconds(retry_after_ms);
    return outcome;
  }
  static Outcome stopped() { return Outcome(State::kCanceled); }
  static Outcome waits_for(std::string what) {
    Outcome outcome(State::kSuspended);
    outcome.text_ = std::move(what);
    return outcome;
  }

  bool succeeded() const { return state_ == State::kSucceeded; }
  bool failed() const { return state_ == State::kFailed; }
  bool canceled() const { return state_ == State::kCanceled; }
  // It waits for something that will not come by itself: waiting_for() says for what.
  bool suspended() const { return state_ == State::kSuspended; }

  const json& output() const { return output_; }  // null unless it has succeeded
  const std::string& failure_code() const { return code_; }
  std::string failure_message() const { return failed() ? text_ : ""; }
  bool retryable() const { return retryable_; }
  std::chrono::milliseconds retry_after() const { return retry_after_; }
  std::string waiting_for() const { return suspended() ? text_ : ""; }  // "review 'notice'"

  bool operator==(const Outcome&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    switch (outcome.state_) {
      case State::kSucceeded:
        return out << "succeeded: " << outcome.output_.dump();
      case State::kFailed:
        return out << "failed: " << outcome.code_ << ": " << outcome.text_
                   << (outcome.retryable_ ? " (retryable)" : "");
      case State::kCanceled:
        return out << "canceled";
      case State::kSuspended:
        return out << "waits for " << outcome.text_;
    }
    return out;
  }

 private:
  enum class State { kSucceeded, kFailed, kCanceled, kSuspended };
  explicit Outcome(State state) : state_(state) {}

  State state_;
  json output_;
  std::string code_;
  std::string text_;
  bool retryable_ = false;
  std::chrono::milliseconds retry_after_{0};
};

}  // namespace runledger::testing
