#include "eventlog/bench/log_bench.h"

#include "eventlog/bench/parts.h"

namespace runledger::eventlog::bench {

Report run(const Settings& settings) {
  Report report;
  for (const std::size_t clients : settings.clients) {
    report.append.push_back(measure_append(settings, clients));
  }
  for (const std::size_t clients : settings.clients) {
    report.queue.push_back(measure_queue(settings, clients));
  }
  report.large_log = measure_large_log(settings);
  return report;
}

}  // namespace runledger::eventlog::bench
