#include "core/engine/sequencer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

// A storage whose commits wait for a signal, or fail.
class GatedStorage final : public eventlog::Storage {
 public:
  eventlog::EventLog& log() override { return inner_.log(); }
  const eventlog::EventLog& log() const override { return inner_.log(); }
  const eventlog::RowStore& rows() const override { return inner_.rows(); }
  std::vector<eventlog::AppendResult> commit(std::span<const eventlog::StreamAppend> items,
                                             std::span<const eventlog::RowChange> rows) override {
    ++commits;
    if (gate) gate->wait();
    if (!fail_with.empty()) {
      return std::vector<eventlog::AppendResult>(
          items.size(), {eventlog::AppendStatus::kUnknown, 0, 0, fail_with});
    }
    return inner_.commit(items, rows);
  }
  void commit_rows(std::span<const eventlog::RowChange> rows, eventlog::Offset offset) override {
    inner_.commit_rows(rows, offset);
  }
  void reset_rows() override { inner_.reset_rows(); }
  eventlog::Offset rows_offset() const override { return inner_.rows_offset(); }

  std::shared_ptr<std::latch> gate;
  std::string fail_with;
  std::atomic<int> commits = 0;

 private:
  eventlog::MemoryStorage inner_;
};

struct Gated : Harness {
  Gated() {
    sequencer.reset();
    auto gated = std::make_unique<GatedStorage>();
    disk = gated.get();
    storage = std::move(gated);
    restart();
  }
  GatedStorage* disk;
};

TEST(Sequencer, AnswersOnlyAfterTheCommit) {
  Gated core;
  core.disk->gate = std::make_shared<std::latch>(1);
  std::promise<void> answered;
  core.sequencer->submit(core.commands.from_user(user("acme", "alice"), core.submission()),
                         [&](const Outcome&) { answered.set_value(); });
  auto future = answered.get_future();
  EXPECT_EQ(future.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_EQ(core.disk->log().head(), 0u);
  core.disk->gate->count_down();
  future.wait();
  EXPECT_EQ(core.disk->log().head(), 2u);
}

TEST(Sequencer, CommitsWhatHasQueuedUpTogether) {
  Gated core;
  core.disk->gate = std::make_shared<std::latch>(1);
  std::latch answered(101);
  const auto submit = [&] {
    ASSERT_TRUE(
        core.sequencer->submit(core.commands.from_user(user("acme", "alice"), core.submission()),
                               [&](const Outcome&) { answered.count_down(); }));
  };
  submit();
  while (core.disk->commits == 0) std::this_thread::yield();  // it waits at the gate
  for (int i = 0; i < 100; ++i) submit();
  core.disk->gate->count_down();
  answered.wait();
  EXPECT_EQ(core.disk->commits, 2);
}

TEST(Sequencer, RefusesWhenTheQueueIsFullAndGoesOnAfterwards) {
  Gated core;
  core.settings.queue_commands_max = 3;
  core.restart();
  core.disk->gate = std::make_shared<std::latch>(1);
  std::atomic<int> answers = 0;
  int queued = 0;
  const auto submit = [&] {
    const bool taken =
        core.sequencer->submit(core.commands.from_user(user("acme", "alice"), core.submission()),
                               [&](const Outcome&) { ++answers; });
    queued += taken ? 1 : 0;
    return taken;
  };
  ASSERT_TRUE(submit());
  while (core.disk->commits == 0) std::this_thread::yield();
  while (submit()) {
  }
  EXPECT_EQ(queued, 4);  // one at the gate, three waiting
  core.disk->gate->count_down();
  core.sequencer->stop();
  EXPECT_EQ(answers, queued);
  core.restart();
  EXPECT_FALSE(core.submit().empty());
}

TEST(Sequencer, LimitsTheBytesThatWait) {
  Gated core;
  core.settings.queue_bytes_max = 10'000;
  core.restart();
  SubmitRun large = core.submission();
  RunPlan plan = *large.plan;
  plan.input.text = R"({"p":")" + std::string(20'000, 'x') + "\"}";
  large.plan = std::make_shared<const RunPlan>(std::move(plan));
  EXPECT_EQ(std::get<Rejection>(core.as_user(std::move(large))).code, RejectionCode::kQueueFull);
  EXPECT_FALSE(core.submit().empty());
}

TEST(Sequencer, SaysThatTheOutcomeIsUnknownAndTakesNothingMoreAfterAFailedWrite) {
  Gated core;
  core.disk->fail_with = "no space left on device";
  EXPECT_EQ(std::get<Rejection>(core.as_user(core.submission())).code,
            RejectionCode::kOutcomeUnknown);
  core.sequencer->stop();
  EXPECT_EQ(core.fatal, "no space left on device");
  core.disk->fail_with.clear();
  EXPECT_EQ(std::get<Rejection>(core.as_user(core.submission())).code, RejectionCode::kQueueFull);
  EXPECT_EQ(core.disk->commits, 1);
}

TEST(Sequencer, RefusesOnlyTheCommandWhoseRowCannotBeRead) {
  Harness core;
  const std::string run_id = core.submit();
  core.as_user(CancelRun{run_id, {}});  // ended: it is read from its row from now on
  const eventlog::RowChange damage{"run/" + run_id, "{not json"};
  core.storage->commit_rows({&damage, 1}, core.storage->log().head());
  EXPECT_EQ(std::get<Rejection>(core.as_user(CancelRun{run_id, {}})).code, RejectionCode::kDamaged);
  EXPECT_FALSE(core.submit().empty());
  EXPECT_EQ(core.fatal, "");
}

TEST(Sequencer, TellsWhichStreamsHaveNews) {
  Harness core;
  const std::string run_id = core.submit();
  core.sequencer->stop();
  EXPECT_EQ(core.news, std::vector<std::string>{run_id});
}

}  // namespace
}  // namespace runledger::core
