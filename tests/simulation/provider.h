// Somebody else's server, as the simulation has it: it has jobs by their keys, and is paid for each
// one that it is given. Throws Violation when it is given one twice. One thread.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/violation.h"

namespace runledger::simulation {

class Provider {
 public:
  const std::string& submit(const std::string& key) {
    require(!jobs_.contains(key), "a provider was given and paid twice for " + key);
    return jobs_[key] = "job-" + std::to_string(jobs_.size());
  }
  // nullptr: it does not have it.
  const std::string* find(const std::string& key) const {
    const auto found = jobs_.find(key);
    return found == jobs_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, std::string> jobs_;
};

}  // namespace runledger::simulation
