// Random specs that are right, and ways to make them wrong.
#pragma once

#include <random>
#include <string>

namespace runledger::core::testing {

std::string random_spec(std::mt19937_64& random);
// Cuts, repeats, exchanges and puts in bytes and pieces that matter in a spec.
std::string mutated(std::string text, std::mt19937_64& random);

}  // namespace runledger::core::testing
