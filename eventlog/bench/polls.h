// Polls of 30 events, each followed by the same bytes out of a flat file. Of the measuring thread.
#pragma once

#include "eventlog/bench/flat_file.h"
#include "eventlog/bench/log_bench.h"
#include "eventlog/event_log.h"

namespace runledger::eventlog::bench {

// Of a log written by one Workload of kRunsAtATime, whose records the flat file has.
class Polls {
 public:
  Polls(const Settings& settings, const EventLog& log, const FlatFile& flat)
      : settings_(settings), log_(log), flat_(flat) {}

  PollFigures feed() const;
  PollFigures run_random() const;
  PollFigures run_repeated() const;
  PollFigures run_live() const;  // the newest runs
  PollFigures tail() const;

 private:
  PollFigures of_feed(std::string_view what, const std::function<Offset()>& from) const;
  PollFigures of_runs(std::string_view what, const std::function<std::size_t()>& run) const;

  const Settings& settings_;
  const EventLog& log_;
  const FlatFile& flat_;
};

}  // namespace runledger::eventlog::bench
