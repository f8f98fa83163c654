// What `runledger bench log` prints. Pure functions.
#pragma once

#include <string>

#include "eventlog/bench/log_bench.h"

namespace runledger::cli {

std::string as_table(const eventlog::bench::Report& report);
// One JSON object.
std::string as_json(const eventlog::bench::Report& report);

}  // namespace runledger::cli
