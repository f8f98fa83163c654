// Tasks that end the process of their plugin, again and again.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::HasSubstr;
using testing::lease_of;
using testing::WorkflowHarness;

class Quarantine : public ::testing::Test {
 protected:
  void crash(const std::string& run_id, const std::string& cause = "signal 11 (SIGSEGV)") {
    core_.as_worker(FailTask{
        lease_of(core_.lease_one_of(run_id)), {std::string(kPluginCrashed), cause, true}, 0});
  }
  void crash_and_wait(const std::string& run_id) {
    crash(run_id);
    core_.pass_to_due();
  }
  const Error& error_of(const std::string& run_id) {
    run_ = core_.stored(run_id);
    return run_->tasks.at(0).error.value();
  }

  WorkflowHarness core_;
  std::optional<RunState> run_;
};

constexpr const char* kPatient =
    R"({"steps":[{"id":"a","task":"a","retry":{"max_attempts":9,"initial_ms":10}}]})";

TEST_F(Quarantine, CrashesAreRetriedAsThePolicySays) {
  const auto run_id = core_.start(R"({"steps":[{"id":"a","task":"a","on_error":"fail"}]})");
  crash(run_id);
  EXPECT_EQ(error_of(run_id).code, kPluginCrashed) << "there is one attempt alone";
}

TEST_F(Quarantine, TheThirdCrashEndsTheTaskWhateverThePolicySays) {
  const auto run_id = core_.start(kPatient);
  crash_and_wait(run_id);
  crash_and_wait(run_id);
  crash(run_id, "signal 7 (SIGBUS)");
  EXPECT_EQ(error_of(run_id).code, kQuarantined);
  EXPECT_THAT(error_of(run_id).message, HasSubstr("3 times"));
  EXPECT_THAT(error_of(run_id).message, HasSubstr("signal 7 (SIGBUS)"));
  EXPECT_EQ(run_->tasks[0].attempts.size(), 3u);
}

TEST_F(Quarantine, IsTheReasonOfThePausedRun) {
  const auto run_id = core_.start(kPatient);
  crash_and_wait(run_id);
  crash_and_wait(run_id);
  crash(run_id);
  const auto waits = waits_of(*core_.stored(run_id));
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0].kind, WaitReasonKind::kPausedByFailure);
  EXPECT_THAT(waits[0].detail, HasSubstr("quarantined"));
  EXPECT_THAT(waits[0].detail, HasSubstr("SIGSEGV"));
}

TEST_F(Quarantine, OtherFailuresAreNotCrashes) {
  const auto run_id = core_.start(kPatient);
  for (int i = 0; i < 4; ++i) {
    core_.fail(core_.lease_one_of(run_id), true);
    core_.pass_to_due();
  }
  crash_and_wait(run_id);
  EXPECT_EQ(core_.stored(run_id)->tasks[0].status, TaskStatus::kReady);
}

TEST_F(Quarantine, CountsOnWhenTheRunIsResumed) {
  const auto run_id = core_.start(kPatient);
  crash_and_wait(run_id);
  crash_and_wait(run_id);
  crash(run_id);
  core_.as_user(ResumeRun{run_id, {}});
  crash(run_id);
  EXPECT_EQ(error_of(run_id).code, kQuarantined);
  EXPECT_THAT(error_of(run_id).message, HasSubstr("4 times"));
}

TEST_F(Quarantine, OtherTasksGoOn) {
  const auto bad = core_.start(kPatient);
  crash_and_wait(bad);
  crash_and_wait(bad);
  crash(bad);
  const auto good = core_.start(kPatient);
  core_.succeed(core_.lease_one_of(good));
  EXPECT_EQ(core_.stored(good)->status, RunStatus::kSucceeded);
}

}  // namespace
}  // namespace runledger::core
