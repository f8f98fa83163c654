// What is written: runs of 60 events, many of them at a time, so that neighbours in the log belong
// to different runs. A command is one event and two rows. Always the same for the same calls.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "eventlog/event_log.h"
#include "eventlog/row_store.h"

namespace runledger::eventlog::bench {

inline constexpr std::size_t kEventsPerRun = 60;
inline constexpr std::size_t kRunsAtATime = 256;

struct Group {
  std::vector<StreamAppend> items;
  std::vector<RowChange> rows;

  void sort_rows();  // core's projection hands them over in order, too
  void clear();
};

// One thread at a time.
class Workload {
 public:
  explicit Workload(std::size_t runs_at_a_time = kRunsAtATime, std::size_t first_run = 0)
      : runs_at_a_time_(runs_at_a_time), first_run_(first_run), random_(first_run + 1) {}

  Group next(std::size_t commands);
  // Adds one command.
  void add_to(Group& group);

  static std::string run_name(std::size_t run);

 private:
  NewEvent event();

  std::size_t runs_at_a_time_;
  std::size_t first_run_;
  std::mt19937_64 random_;
  std::size_t events_ = 0;
};

}  // namespace runledger::eventlog::bench
