// POST /v1/runs and /v1/runs:batch: the body, checked whole before anything is asked of the engine.
#pragma once

#include <variant>

#include "api/http/problem.h"
#include "core/domain/commands.h"
#include "core/engine/engine.h"

namespace runledger::api {

inline constexpr std::size_t kLabelsMax = 1000;
inline constexpr std::size_t kLabelNameBytesMax = 128;
inline constexpr std::size_t kLabelValueBytesMax = 1024;
inline constexpr std::size_t kLabelsBytesMax = 64 * 1024;  // names and values together
inline constexpr std::size_t kSessionBytesMax = 64 * 1024;
inline constexpr int kPriorityMax = 100;  // and -100 at the least

inline constexpr std::size_t kBatchRunsMax = 1000;
inline constexpr std::size_t kBatchErrorsMax = 100;  // that are told

// {"runs": [submissions]}: all of them are good, or what is wrong with which.
std::variant<core::SubmitRuns, Problem> read_batch(const Request& request, core::Engine& engine);
std::variant<core::SubmitRun, Problem> read_submission(const Request& request,
                                                       core::Engine& engine);

}  // namespace runledger::api
