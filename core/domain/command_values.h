// What references of runs lead to, while one command is taken to its end: kept from one round of
// advance() to the next, and all of it together within a limit, since other people's commands wait.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/workflow/reference_values.h"

namespace runledger::core {

class CommandValues {
 public:
  // Of the run as it is now; `scope` lives until the next call for it.
  ReferenceValues& of(const std::string& run_id, const ReferenceScope& scope) {
    auto& values = runs_[run_id];
    if (values == nullptr) {
      values = std::make_unique<ReferenceValues>(scope, work_);
    } else {
      values->enter(scope);
    }
    return *values;
  }
  bool is_spent() const { return work_.is_spent(); }

 private:
  ReferenceWork work_;
  std::map<std::string, std::unique_ptr<ReferenceValues>> runs_;
};

}  // namespace runledger::core
