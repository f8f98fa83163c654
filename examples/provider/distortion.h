// What a fault makes of an answer.
#pragma once

#include "examples/provider/faults.h"
#include "examples/provider/message.h"

namespace runledger::provider {

inline constexpr std::size_t kGzipBombBytes = 64 * 1024 * 1024;  // once it is unpacked

// The answer that a fault gives instead of doing what was asked; nullopt where it is done.
std::optional<Answer> refusal(const Fault& fault, const Request& request);

// Spoils an answer on its way out.
void distort(const Fault& fault, Answer& answer);

}  // namespace runledger::provider
