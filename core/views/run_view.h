// What clients see of a run, as JSON text. Functions of the state alone: the same state gives the
// same bytes, live or replayed.
#pragma once

#include <string>

#include "core/domain/run_state.h"
#include "eventlog/record.h"

namespace runledger::core {

std::string render_run(const RunState& run);
std::string render_run_summary(const RunState& run);  // an item of a list: no tasks, no output
std::string render_task(const RunState& run, const TaskState& task);
std::string render_resource(const RunState& run, const ResourceState& resource);

// One event of a run's history; its data are the stored bytes, verbatim.
void append_run_event(std::string& out, const eventlog::RecordView& record);
// One event of the global feed: with its stream.
void append_feed_event(std::string& out, const eventlog::RecordView& record);

}  // namespace runledger::core
