// Payloads of versions that are no longer written, to that of the next version. What a version
// meant is frozen: these functions are never changed. Throw JsonShapeError for a payload that does
// not fit.
#pragma once

#include "core/base/json_reader.h"

namespace runledger::core::upgrades {

using Json = JsonReader::Json;

// Version 1 had single tasks: spec.steps held their ids, and a failure ended the run.
Json run_created_1(Json payload);

// Version 1 knew only steps.
Json task_step_completed_1(Json payload);

// The next version has members more, which may be missing.
Json with_nothing_added(Json payload);

}  // namespace runledger::core::upgrades
