// The jobs that the provider has been given. One thread. Time comes from outside, in milliseconds
// since 1970.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace runledger::provider {

inline constexpr std::size_t kJobsMax = 10'000;
inline constexpr std::size_t kKeyBytesMax = 255;

enum class JobState { kRunning, kSucceeded, kFailed, kCanceled };

struct Job {
  std::string id;
  std::string subject;  // the workflow or the model
  std::int64_t begun_ms = 0;
  std::int64_t ends_ms = 0;
  std::optional<std::string> failure;  // what it ends with, if not with a result
  bool canceled = false;

  JobState state(std::int64_t now_ms) const;
};

struct Order {
  std::string subject;
  std::string key;   // idempotency key; empty: none
  std::string body;  // what a key is bound to
  std::int64_t begun_ms = 0;
  std::int64_t lasts_ms = 0;
  std::optional<std::string> failure;
};

enum class OrderRefusal { kFull, kKeyTooLong, kKeyOfAnotherBody };

struct Placed {
  Job job;
  bool replayed = false;  // the key was known: this is its job
};

class Jobs {
 public:
  using Placement = std::variant<Placed, OrderRefusal>;
  Placement place(const Order& order);
  // The pointer is good until the next call of place() or clear().
  const Job* find(const std::string& id) const;
  const Job* find_by_key(const std::string& key) const;
  // False: there is none, or it has ended.
  bool cancel(const std::string& id, std::int64_t now_ms);

  std::size_t size() const { return jobs_.size(); }
  // Ids go on, so that an old one never means a new job.
  void clear();

 private:
  struct Key {
    std::string id;
    std::size_t fingerprint = 0;  // of the body
  };

  std::map<std::string, Job> jobs_;
  std::map<std::string, Key> keys_;
  std::uint64_t placed_ = 0;
};

}  // namespace runledger::provider
