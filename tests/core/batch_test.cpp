// Runs that are submitted together: all of them, or none.
#include <gtest/gtest.h>

#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using testing::Harness;

class BatchTest : public ::testing::Test {
 protected:
  SubmitRuns batch(std::size_t count, const std::string& key = "", const std::string& sha = "") {
    SubmitRuns all;
    for (std::size_t i = 0; i < count; ++i) {
      all.runs.push_back(core_.submission(batch_key(key, i), sha));
    }
    return all;
  }
  RunsAccepted accepted(SubmitRuns all) {
    return std::get<RunsAccepted>(std::get<CommandReply>(core_.as_user(std::move(all))));
  }
  Rejection refused(SubmitRuns all) { return std::get<Rejection>(core_.as_user(std::move(all))); }
  static Concurrency key(OnConflict on_conflict) { return {"clip", 1, on_conflict}; }

  Harness core_;
};

TEST_F(BatchTest, MakesARunOfEach) {
  const std::uint64_t head = core_.storage->log().head();
  const auto reply = accepted(batch(3));
  ASSERT_EQ(reply.run_ids.size(), 3u);
  EXPECT_EQ(reply.offset, head);
  for (const std::string& run_id : reply.run_ids) {
    EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kPending);
  }
  EXPECT_EQ(core_.lease(5).size(), 3u);
}

TEST_F(BatchTest, GivesTheSameRunsForTheSameKey) {
  const auto first = accepted(batch(3, "order-17", "sha"));
  const std::uint64_t head = core_.storage->log().head();
  const auto again = accepted(batch(3, "order-17", "sha"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.run_ids, first.run_ids);
  EXPECT_EQ(again.offset, first.offset);
  EXPECT_EQ(core_.storage->log().head(), head);
}

TEST_F(BatchTest, RefusesAnotherRequestUnderTheSameKey) {
  accepted(batch(2, "order-17", "sha"));
  EXPECT_EQ(refused(batch(2, "order-17", "another")).code, RejectionCode::kIdempotencyMismatch);
}

TEST_F(BatchTest, AKeyOfABatchIsNoKeyOfASingleRun) {
  accepted(batch(2, "order-17", "sha"));
  const std::string run_id = core_.submit("order-17", "sha");
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kPending);
}

TEST_F(BatchTest, NothingIsThereIfOneIsRefused) {
  SubmitRun holder = core_.submission();
  holder.concurrency = key(OnConflict::kReject);
  core_.as_user(std::move(holder));
  const std::uint64_t head = core_.storage->log().head();
  SubmitRuns all = batch(3);
  all.runs[1].concurrency = key(OnConflict::kReject);
  const auto rejection = refused(std::move(all));
  EXPECT_EQ(rejection.code, RejectionCode::kConflict);
  EXPECT_EQ(rejection.of_batch, 1u);
  EXPECT_EQ(core_.storage->log().head(), head);
}

TEST_F(BatchTest, OneRunOfItCanBeInTheWayOfAnother) {
  SubmitRuns all = batch(3);
  all.runs[0].concurrency = key(OnConflict::kQueue);
  all.runs[2].concurrency = key(OnConflict::kReject);
  EXPECT_EQ(refused(std::move(all)).of_batch, 2u);
}

TEST_F(BatchTest, RunsOfItWaitForEachOther) {
  SubmitRuns all = batch(2);
  for (SubmitRun& each : all.runs) each.concurrency = key(OnConflict::kQueue);
  const auto reply = accepted(std::move(all));
  EXPECT_FALSE(core_.stored(reply.run_ids[0])->queued);
  EXPECT_TRUE(core_.stored(reply.run_ids[1])->queued);
}

TEST_F(BatchTest, AllIsThereAfterARestart) {
  const auto first = accepted(batch(3, "order-17", "sha"));
  core_.restart();
  EXPECT_EQ(accepted(batch(3, "order-17", "sha")).run_ids, first.run_ids);
  EXPECT_EQ(core_.lease(5).size(), 3u);
}

}  // namespace
}  // namespace runledger::core
