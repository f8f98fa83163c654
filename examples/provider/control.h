// What tests ask of the provider beside its APIs. Nobody has to be known: it listens on loopback.
#pragma once

#include "examples/provider/state.h"

namespace runledger::provider {

// GET /_control/counters, POST /_control/faults, POST /_control/reset.
Answer control(State& state, const Request& request);

}  // namespace runledger::provider
