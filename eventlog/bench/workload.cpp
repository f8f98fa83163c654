#include "eventlog/bench/workload.h"

#include <algorithm>

namespace runledger::eventlog::bench {
namespace {

constexpr std::size_t kTextBytes = 150;
constexpr std::size_t kRunDigits = 26;
constexpr std::int64_t kFirstTimeUs = 1'700'000'000'000'000;

}  // namespace

void Group::sort_rows() {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const RowChange& a, const RowChange& b) { return a.key < b.key; });
}

void Group::clear() {
  items.clear();
  rows.clear();
}

Group Workload::next(std::size_t commands) {
  Group group;
  for (std::size_t i = 0; i < commands; ++i) add_to(group);
  group.sort_rows();
  return group;
}

void Workload::add_to(Group& group) {
  const std::size_t slot = events_ % runs_at_a_time_;
  const std::size_t turn = events_ / runs_at_a_time_;
  StreamAppend item;
  item.stream = run_name(first_run_ + turn / kEventsPerRun * runs_at_a_time_ + slot);
  item.expected_idx = turn % kEventsPerRun;
  item.events.push_back(event());
  group.rows.push_back({"run/" + item.stream, item.events[0].payload});
  group.rows.push_back({"task/" + item.stream, item.events[0].payload});
  group.items.push_back(std::move(item));
  ++events_;
}

std::string Workload::run_name(std::size_t run) {
  const std::string digits = std::to_string(run);
  return "run_" + std::string(kRunDigits - digits.size(), '0') + digits;
}

NewEvent Workload::event() {
  NewEvent made;
  made.time_us = kFirstTimeUs + static_cast<std::int64_t>(events_);
  made.tenant = "acme";
  made.owner = "alice";
  made.type = "task.progressed";
  made.actor = "worker:local-1";
  made.command_id = "cmd_" + std::to_string(random_());
  std::string text(kTextBytes, ' ');
  std::uint64_t drawn = 0;
  for (std::size_t i = 0; i < text.size(); ++i, drawn >>= 8) {
    if (i % sizeof(drawn) == 0) drawn = random_();
    text[i] = static_cast<char>('a' + (drawn & 0xff) % 26);
  }
  made.payload = R"({"task_id":"clip","done":)" + std::to_string(random_() % 100) + R"(,"text":")" +
                 text + R"("})";
  return made;
}

}  // namespace runledger::eventlog::bench
