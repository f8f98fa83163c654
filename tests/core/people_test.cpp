// What people decide, and who wins when several do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/harness.h"
#include "tests/core/workflow_support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(AnswerApproval, TellsALoserWhoHasDecidedOnTheSameVersion) {
  Harness core;
  const std::string run_id = submit_spec(
      core, R"({"steps":[{"id":"a","task":"image","approval":{}},{"id":"b","task":"image"}]})");
  const auto run = core.stored(run_id);
  const TaskState& task = run->tasks.at(0);
  const auto answer_as = [&](const std::string& name, bool approved) {
    const Principal who{"acme", name, {Role::kReviewer}, "tok"};
    return core.run(core.commands.from_user(
        who, AnswerApproval{run_id, task.task_id, approved, task.question->content_sha256, "",
                            run->version}));
  };
  const Outcome won = answer_as("rita", true);
  const auto& accepted = std::get<RunAccepted>(std::get<CommandReply>(won));
  const auto lost = std::get<Rejection>(answer_as("olga", false));
  EXPECT_EQ(lost.code, RejectionCode::kConflict);
  ASSERT_TRUE(lost.winner);
  EXPECT_EQ(lost.winner->by, "user:rita");
  EXPECT_EQ(lost.winner->decision, "task.approved");
  EXPECT_EQ(lost.winner->offset, accepted.offset);
}

}  // namespace
}  // namespace runledger::core
