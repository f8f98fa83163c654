// A run as a row: its whole state as JSON, so that views are rendered and the engine is recovered
// from the same bytes. Decoding throws JsonShapeError on a row that does not fit.
#pragma once

#include <string>
#include <string_view>

#include "core/domain/run_state.h"
#include "core/domain/state.h"

namespace runledger::core {

std::string encode_run_row(const RunState& run);
RunState decode_run_row(std::string_view row);

std::string encode_idempotency_row(const IdempotencyEntry& entry);
IdempotencyEntry decode_idempotency_row(std::string_view row);

}  // namespace runledger::core
