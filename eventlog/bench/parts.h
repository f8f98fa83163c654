// The parts of run() in log_bench.h, in the order in which they are measured. Each makes what it
// needs below settings.directory and removes it.
#pragma once

#include "eventlog/bench/log_bench.h"

namespace runledger::eventlog::bench {

AppendFigures measure_append(const Settings& settings, std::size_t clients);
QueueFigures measure_queue(const Settings& settings, std::size_t clients);
LargeLogFigures measure_large_log(const Settings& settings);

}  // namespace runledger::eventlog::bench
