// Where salts and keys come from. Tests pass a generator of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace runledger::eventlog {

// Fills the bytes. Called by one thread at a time.
using FillRandom = std::function<void(std::span<std::uint8_t>)>;

// The kernel's generator: fit for secrets. Any thread. Throws std::system_error.
void fill_from_kernel(std::span<std::uint8_t> bytes);

}  // namespace runledger::eventlog
