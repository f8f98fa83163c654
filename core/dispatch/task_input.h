// What a worker needs for a task: read from the run's first event, where it stands once and for
// ever.
#pragma once

#include <string>

#include "core/domain/decide.h"
#include "core/protocol/messages.h"
#include "eventlog/event_log.h"

namespace runledger::core {

// Throws eventlog::LogError when the log does not hold it.
protocol::LeasedTask leased_task(const eventlog::EventLog& log, const LeasesGranted::Grant& grant);

}  // namespace runledger::core
