// Random specs that are valid, with every kind of step and time-out in them.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "tests/simulation/dice.h"

namespace runledger::simulation {

inline constexpr std::array<const char*, 3> kTaskTypes{"image", "text", "video"};
inline constexpr std::size_t kWorkflows = 4;  // w0 to w3; a workflow mostly starts lower ones

// A spec's JSON. Its sub-workflows are below that number; 0: it has none.
std::string random_spec(Dice& dice, std::size_t workflows_below);
// Of a run: what the references of random specs look for, most of the time.
std::string random_input(Dice& dice);
// Of a task.
std::string random_output(Dice& dice);

}  // namespace runledger::simulation
