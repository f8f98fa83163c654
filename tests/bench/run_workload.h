// Events of many runs side by side, as the engine writes them: for measuring folds and starts.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "core/domain/events.h"
#include "eventlog/event_log.h"

namespace runledger::core::bench {

// Runs of one task that draw from this number of progress and emitted events before they end.
inline constexpr std::size_t kReportsPerRun = 50;

class RunWorkload {
 public:
  explicit RunWorkload(std::size_t runs_at_a_time) : runs_(runs_at_a_time) {}

  // The next event of one of the runs, as an append.
  eventlog::StreamAppend next();

 private:
  struct Run {
    std::string run_id;  // empty: it has yet to begin
    std::string task_id;
    std::string resource_id;
    std::uint64_t idx = 0;
  };

  void begin(Run& run);
  RunCreated created(const Run& run, const std::string& sha);
  EventBody body_of(const Run& run);
  std::string id(const char* prefix);
  std::string text(std::size_t length);

  std::mt19937_64 random_{1};
  std::vector<Run> runs_;
  std::size_t turn_ = 0;
  std::uint64_t ids_ = 0;
  std::int64_t time_us_ = 1'700'000'000'000'000;
};

}  // namespace runledger::core::bench
