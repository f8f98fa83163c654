// Runs of several steps, for tests.
#pragma once

#include <stdexcept>
#include <string>

#include "tests/core/harness.h"

namespace runledger::core::testing {

// A run of that spec, by alice of acme; gives its id.
inline std::string submit_spec(Harness& core, const std::string& spec_json,
                               const std::string& input = "{}") {
  auto parsed = parse_spec(spec_json);
  if (const auto* errors = std::get_if<std::vector<SpecError>>(&parsed)) {
    throw std::invalid_argument(errors->front().pointer + ": " + errors->front().message);
  }
  SubmitRun submit = core.submission();
  submit.plan = std::make_shared<const RunPlan>(
      RunPlan{std::get<WorkflowSpec>(std::move(parsed)), {input}, {"{}"}});
  submit.tasks.clear();
  for (const StepSpec& step : submit.plan->spec.steps) {
    submit.tasks.push_back({step.id, core.ids.make("task")});
  }
  std::string run_id = submit.run_id;
  core.as_user(std::move(submit));
  return run_id;
}

// Time goes on by that, and what is due happens.
inline void wait_ms(Harness& core, std::int64_t ms) {
  core.clock.advance_us(ms * 1000);
  core.run(core.commands.from_system(PassTime{}));
}

}  // namespace runledger::core::testing
