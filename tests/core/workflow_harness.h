// Runs of several steps on a core without network and disk: short ways to submit a spec, to be the
// workers and the people, and to let time pass.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "core/domain/waits.h"
#include "core/views/reader.h"
#include "tests/core/harness.h"

namespace runledger::core::testing {

class WorkflowHarness : public Harness {
 public:
  SubmitRun spec_submission(const std::string& spec, const std::string& input = "{}") {
    auto parsed = parse_spec(spec);
    if (const auto* errors = std::get_if<std::vector<SpecError>>(&parsed)) {
      ADD_FAILURE() << errors->front().pointer << ": " << errors->front().message;
    }
    SubmitRun submit;
    submit.run_id = ids.make("run");
    submit.plan =
        std::make_shared<const RunPlan>(RunPlan{std::get<WorkflowSpec>(parsed), {input}, {"{}"}});
    for (const StepSpec& step : submit.plan->spec.steps) {
      submit.tasks.push_back({step.id, ids.make("task")});
    }
    return submit;
  }
  std::string start(const std::string& spec, const std::string& input = "{}") {
    return start(spec_submission(spec, input));
  }
  std::string start(SubmitRun submit, const std::string& name = "alice") {
    const std::string run_id = submit.run_id;
    const auto outcome = as_user(std::move(submit), name);
    EXPECT_TRUE(std::holds_alternative<CommandReply>(outcome)) << reason(outcome);
    return run_id;
  }

  static std::string reason(const Outcome& outcome) {
    const auto* rejection = std::get_if<Rejection>(&outcome);
    return rejection == nullptr ? "" : rejection->reason;
  }
  Outcome as_reviewer(CommandBody body, const std::string& name = "rita") {
    return run(commands.from_user({"acme", name, {Role::kReviewer}, "tok"}, std::move(body)));
  }

  // Everything that is ready, of any type.
  std::vector<LeasesGranted::Grant> lease_all() {
    GrantLeases grant{"wrk_1", "w1", false, {}, {}};
    for (const char* type : {"a", "b", "image"}) grant.types.push_back({type, "1", "aa"});
    for (int i = 0; i < 64; ++i) grant.lease_ids.push_back(ids.make("lease"));
    return std::get<LeasesGranted>(std::get<CommandReply>(as_worker(std::move(grant)))).grants;
  }
  LeasesGranted::Grant lease_one_of(const std::string& run_id) {
    for (const auto& grant : lease_all()) {
      if (grant.run_id == run_id) return grant;
    }
    ADD_FAILURE() << "nothing of " << run_id << " is ready";
    return {};
  }
  void succeed(const LeasesGranted::Grant& grant, const std::string& output = "{}") {
    as_worker(CompleteTask{lease_of(grant), {output}});
  }
  void fail(const LeasesGranted::Grant& grant, bool retryable = false,
            const std::string& code = "boom") {
    as_worker(FailTask{lease_of(grant), {code, "It failed", retryable}, 0});
  }
  // Everything that becomes ready succeeds, until nothing does.
  void work(const std::string& output = "{}") {
    for (auto grants = lease_all(); !grants.empty(); grants = lease_all()) {
      for (const auto& grant : grants) succeed(grant, output);
    }
  }

  // To when the next thing is due, and lets it happen.
  void pass_to_due() {
    ASSERT_GT(due, 0) << "nothing is due";
    if (due > clock.now_us()) clock.advance_us(due - clock.now_us());
    run(commands.from_system(PassTime{}));
  }
  void pass_ms(std::int64_t ms) {
    clock.advance_us(ms * 1000);
    run(commands.from_system(PassTime{}));
  }

  // What has been done outside so far: actions come after answers, so one more answer is awaited.
  std::vector<Action> done() {
    run(commands.from_system(PassTime{}));
    return actions;
  }
  bool was_stopped(const std::string& lease_id) {
    const auto all = done();
    return std::any_of(all.begin(), all.end(), [&](const Action& action) {
      const auto* stop = std::get_if<StopTask>(&action);
      return stop != nullptr && stop->lease_id == lease_id;
    });
  }

  TaskState task(const std::string& run_id, const std::string& step) {
    const auto state = stored(run_id);
    for (const TaskState& each : state->tasks) {
      if (each.step == step && !each.item_index) return each;
    }
    ADD_FAILURE() << "no step " << step;
    return {};
  }
  std::vector<WaitReason> why(const std::string& run_id) { return waits_of(*stored(run_id)); }
  std::map<std::string, std::string> folded() { return fold_rows(storage->log()); }
};

inline RejectionCode code_of(const Outcome& outcome) {
  const auto* rejection = std::get_if<Rejection>(&outcome);
  EXPECT_NE(rejection, nullptr) << "it was taken";
  return rejection == nullptr ? RejectionCode::kQueueFull : rejection->code;
}
inline bool was_taken(const Outcome& outcome) {
  return std::holds_alternative<CommandReply>(outcome);
}

}  // namespace runledger::core::testing
