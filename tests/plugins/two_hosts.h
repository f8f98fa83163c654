// Runs the same executor in the SDK's fake host and in the worker's own host code, and gives what
// it said, what was recorded and what it came to as one JSON value each.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "tests/plugins/executors.h"
#include "tests/plugins/scripted_outside.h"

namespace runledger::core::worker {

// An executor whose state begins anew for each host.
struct Scenario {
  std::string name;
  std::function<testing::Behaviour()> make;
  bool stop = false;  // told to, from the beginning
  testing::OutsideScript outside = {};
  testing::Cancel cancel = {};
};
// Where the scenario calls this, its run is canceled in the middle.
inline constexpr const char* kCancelUrl = "https://cancel.example/";
void PrintTo(const Scenario& scenario, std::ostream* out);

Scenario plain(std::string name, testing::Behaviour behaviour);
// The behaviour is given how often it was run before.
Scenario counting(std::string name, std::function<json(TaskContext&, int)> behaviour);

json in_real_host(const Scenario& scenario);
json in_fake_host(const Scenario& scenario);

}  // namespace runledger::core::worker
