// POST /v1/schedules: the body, checked whole.
#pragma once

#include <variant>

#include "api/http/problem.h"
#include "core/domain/events.h"
#include "core/engine/engine.h"

namespace runledger::api {

std::variant<core::ScheduleDefined, Problem> read_schedule(const Request& request,
                                                           core::Engine& engine);

}  // namespace runledger::api
