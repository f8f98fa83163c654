#include "examples/provider/jobs.h"

namespace runledger::provider {
namespace {

// Another start has other ids, too: the second of the order is in them.
std::string id_of(const Order& order, std::uint64_t number) {
  const std::string digits = std::to_string(number % 1'000'000'000);
  return std::to_string(order.begun_ms / 1000) + std::string(9 - digits.size(), '0') + digits;
}

}  // namespace

JobState Job::state(std::int64_t now_ms) const {
  if (canceled) return JobState::kCanceled;
  if (now_ms < ends_ms) return JobState::kRunning;
  return failure ? JobState::kFailed : JobState::kSucceeded;
}

Jobs::Placement Jobs::place(const Order& order) {
  if (order.key.size() > kKeyBytesMax) return OrderRefusal::kKeyTooLong;
  const std::size_t fingerprint = std::hash<std::string>()(order.body);
  if (const auto known = keys_.find(order.key); known != keys_.end()) {
    if (known->second.fingerprint != fingerprint) return OrderRefusal::kKeyOfAnotherBody;
    return Placed{jobs_.at(known->second.id), true};
  }
  if (jobs_.size() >= kJobsMax) return OrderRefusal::kFull;
  const std::string id = id_of(order, ++placed_);
  const Job job{id,   order.subject, order.begun_ms, order.begun_ms + order.lasts_ms, order.failure,
                false};
  jobs_.emplace(id, job);
  if (!order.key.empty()) keys_.emplace(order.key, Key{id, fingerprint});
  return Placed{job, false};
}

const Job* Jobs::find(const std::string& id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

const Job* Jobs::find_by_key(const std::string& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : find(found->second.id);
}

bool Jobs::cancel(const std::string& id, std::int64_t now_ms) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.state(now_ms) != JobState::kRunning) return false;
  found->second.canceled = true;
  return true;
}

void Jobs::clear() {
  jobs_.clear();
  keys_.clear();
}

}  // namespace runledger::provider
