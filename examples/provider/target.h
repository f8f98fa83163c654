// The target of a request line.
#pragma once

#include <string>

#include "examples/provider/message.h"

namespace runledger::provider {

// Path and query, percent-decoded, into the request. What is no escape stays as it is.
void read_target(const std::string& target, Request& request);

}  // namespace runledger::provider
