// The log's limit of one event, for facts that follow by themselves: nobody is there to be refused,
// so the task or run that would need a larger event fails instead. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/domain/decide.h"

namespace runledger::core {

struct EncodedFact {
  NewFact fact;
  std::string payload;
};

// In their order; each has at most payload_bytes_max bytes.
std::vector<EncodedFact> encode_within(std::size_t payload_bytes_max, std::vector<NewFact> facts);

}  // namespace runledger::core
