// POST /v1/runs/{run_id}/retry: the body, checked whole before anything is asked of the engine.
#pragma once

#include <variant>

#include "api/http/problem.h"
#include "core/domain/commands.h"
#include "core/engine/engine.h"

namespace runledger::api {

std::variant<core::RetryRun, Problem> read_retry(const Request& request, core::Engine& engine);

}  // namespace runledger::api
