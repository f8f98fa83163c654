// What a fake host remembers of one task over all runs of its executor.
#pragma once

#include <runledger/testing/outcome.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace runledger::testing {

// On which side of the record the process dies: kBefore has a step's function run again.
enum class Crash { kBeforeItIsRecorded, kAfterItIsRecorded };

namespace detail {

struct MemoText {
  std::string kind;
  std::string name;
  std::string result;  // JSON
};

struct TaskRecord {
  std::string run_id = "run_1";
  std::string task_id = "task_1";
  std::string task_type;
  std::string input;
  std::string session = "{}";
  std::uint32_t attempt = 1;

  std::deque<MemoText> memos;  // executors hold text of it: elements never move
  struct PendingPoll {
    std::string name;
    std::uint64_t waited_ms = 0;
  };
  std::optional<PendingPoll> pending_poll;

  std::mutex mutex;  // of what follows: executors may report from several threads
  std::vector<Emitted> emitted;
  std::vector<Logged> logs;
  std::vector<Progress> progress;
  std::vector<Stored> artifacts;
  std::vector<Asked> reviews;
  std::optional<std::uint64_t> stop_at_report;  // counted down by reports

  std::atomic<bool> stop = false;     // it is to stop
  std::atomic<bool> cut_off = false;  // and nothing that it says counts any more
  struct PlannedCrash {
    std::size_t call = 0;  // from 1
    Crash side = Crash::kAfterItIsRecorded;
  };
  std::optional<PlannedCrash> crash;
};

}  // namespace detail
}  // namespace runledger::testing
