// From a request to its answer. One thread.
#pragma once

#include "examples/provider/state.h"

namespace runledger::provider {

Answer answer(State& state, const Request& request, std::int64_t now_ms);

}  // namespace runledger::provider
