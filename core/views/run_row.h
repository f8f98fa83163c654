// What is stored of runs, plans and schedules. A run's row has three lines of JSON: the summary
// that lists show; what is stored beside the row (run_parts.h), empty if nothing is; and the state
// without that and without the plan. So lists copy bytes, and views and the engine read the same
// ones. Decoding throws JsonShapeError on a row that does not fit.
#pragma once

#include <string>
#include <string_view>

#include "core/access/principal.h"
#include "core/domain/run_state.h"
#include "core/domain/state.h"
#include "core/views/run_filter.h"

namespace runledger::core {

std::string encode_run_row(const RunState& run, std::string_view parts);
RunState decode_run_row(std::string_view row);          // without its plan and its parts
std::string_view parts_in(std::string_view run_row);    // points into the row
std::string_view summary_in(std::string_view run_row);  // points into the row
// Whether that caller may see it, and it has the status, kind and labels that the filter asks for.
bool fits(const Principal& who, const RunFilter& filter, std::string_view run_row);

std::string encode_plan_row(const RunPlan& plan);
RunPlan decode_plan_row(std::string_view row);

std::string encode_idempotency_row(const IdempotencyEntry& entry);
IdempotencyEntry decode_idempotency_row(std::string_view row);

// The spec and the description are in the row of the version.
std::string encode_workflow_state_row(const WorkflowState& workflow);
void decode_workflow_state_row(std::string_view row, WorkflowState& workflow);

// Of the row of one version, which is the payload of workflow.defined.
WorkflowSpec decode_workflow_spec(std::string_view row);
std::string decode_workflow_description(std::string_view row);

std::string encode_schedule_row(const ScheduleState& schedule);
ScheduleState decode_schedule_row(std::string_view row);

}  // namespace runledger::core
