// What a fake host remembers of one task over all runs of its executor.
#pragma once

#include <runledger/testing/jobs.hpp>
#include <runledger/testing/outcome.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace runledger::testing {

// On which side of the record the process dies: kBefore has a step's function run again. A remote
// call is recorded twice: before the job is handed over it is intended.
enum class Crash {
  kBeforeItIsRecorded,
  kAfterItIsRecorded,
  kBeforeItIsIntended,
  kAfterItIsIntended,
};

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
  // A remote call that is not through yet.
  struct OpenJob {
    enum class Status { kIntended, kFailed, kUnknown, kNotSubmitted };
    std::string provider;
    std::string idempotency_key;
    std::optional<Placeholder> resource = {};  // what it is to become
    Status status = Status::kIntended;
    std::string doubt = {};  // why nobody knows
    bool may_be_handed_over = false;
    std::optional<std::string> lost_execute_id = {};  // with the process that knew it
    // The provider may have it: whoever runs next has to look.
    bool unanswered() const { return status == Status::kIntended || status == Status::kUnknown; }
  };
  std::optional<OpenJob> open_job;

  std::mutex mutex;  // of what follows: executors may report from several threads
  std::vector<Emitted> emitted;
  std::vector<Logged> logs;
  std::vector<Progress> progress;
  std::vector<Stored> artifacts;
  std::vector<Asked> reviews;
  std::vector<Submission> submissions;
  std::vector<Placeholder> placeholders;
  std::size_t resources_made = 0;
  std::vector<CanceledJob> canceled_jobs;
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
