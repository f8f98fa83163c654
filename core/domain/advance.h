// What follows from a run's state by itself: steps that may begin, a run that has come to its end,
// a group that is complete, a key that is free. Called after facts were applied, and again after
// what it gave was applied, until nothing follows. Pure; only ever called live, replay sees its
// facts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/command_values.h"
#include "core/domain/decide.h"
#include "core/domain/derived_ids.h"
#include "core/domain/state.h"

namespace runledger::core {

struct Surroundings {
  std::int64_t now_us = 0;
  DerivedIds* ids = nullptr;
  CommandValues* values = nullptr;  // of the command
  // Another run, loaded if need be; nullptr: there is none.
  std::function<const RunState*(const std::string& run_id)> other_run;
  // What is wrong with a task's resolved input; nullopt: nothing, or its type is not known here.
  std::function<std::optional<std::string>(const std::string& task_type, const JsonText& input)>
      input_fault;
  // The same of a sub-workflow's input by the schema of that workflow.
  std::function<std::optional<std::string>(const JsonText& schema, const JsonText& input)>
      schema_fault;
};

std::vector<NewFact> advance(const State& state, const RunState& run, const Surroundings& around);

}  // namespace runledger::core
