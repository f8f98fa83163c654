// The state after a restart is the state before, and the stored rows are the fold of the log, after
// every step of seeded random histories.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  void step() {
    core_.clock.advance_us(1000);
    switch (random_() % 9) {
      case 0:
      case 1:
        runs_.push_back(core_.submit(key(), "sha"));
        break;
      case 2:
      case 3:
        for (const auto& grant : core_.lease(1 + random_() % 3)) grants_.push_back(grant);
        break;
      case 4:
        if (!runs_.empty()) core_.as_user(CancelRun{pick(runs_), {}});
        break;
      case 5:
        if (!grants_.empty()) core_.as_worker(RecordProgress{lease(), 50, "half"});
        break;
      case 6:
        if (!grants_.empty()) {
          core_.as_worker(StoreResource{lease(), core_.ids.make("res"), "a.png", "image/png",
                                        std::string(64, 'c'), 5});
        }
        break;
      case 7:
        if (!grants_.empty()) core_.as_worker(CompleteTask{lease(), {R"({"n":1})"}});
        break;
      default:
        lose_or_fail();
    }
  }
  void expect_rows_are_the_fold() { ASSERT_EQ(core_.rows(), fold_rows(core_.storage->log())); }
  void expect_restart_changes_nothing() {
    const auto before = core_.rows();
    core_.restart();
    ASSERT_EQ(core_.rows(), before);
  }

 private:
  std::string key() { return random_() % 3 == 0 ? "key-" + std::to_string(random_() % 4) : ""; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[random_() % from.size()];
  }
  LeaseRef lease() { return lease_of(pick(grants_)); }
  void lose_or_fail() {
    if (grants_.empty()) return;
    const LeaseRef ref = lease();
    if (random_() % 2 == 0) {
      core_.as_worker(LoseLease{ref.run_id, ref.task_id, ref.lease_id, "worker_lost", true});
    } else {
      core_.as_worker(FailTask{ref, {"boom", "It failed", false}});
    }
  }

  std::mt19937 random_;
  Harness core_;
  std::vector<std::string> runs_;
  std::vector<LeasesGranted::Grant> grants_;
};

TEST(Replay, GivesTheLiveRowsAfterEveryStepOfRandomHistories) {
  const char* chosen = std::getenv("RUNLEDGER_SEED");
  const unsigned first = chosen == nullptr ? 1 : static_cast<unsigned>(std::atoi(chosen));
  const unsigned last = chosen == nullptr ? 25 : first;
  for (unsigned seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("repeat with RUNLEDGER_SEED=" + std::to_string(seed));
    History history(seed);
    for (int step = 0; step < 60; ++step) {
      history.step();
      history.expect_rows_are_the_fold();
      if (step % 7 == 0) history.expect_restart_changes_nothing();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

// The part of a State that must survive; what is loaded on demand comes and goes.
void expect_same_active(const State& recovered, const State& folded) {
  EXPECT_EQ(recovered.runs, folded.runs);
  EXPECT_EQ(recovered.system_next_idx, folded.system_next_idx);
  EXPECT_EQ(recovered.index, folded.index);
  EXPECT_EQ(recovered.tenant_served, folded.tenant_served);
}

TEST(Recovery, GivesTheSameStateFromRowsAsFromTheLog) {
  Harness core;
  core.submit();
  core.submit("key", "sha");
  core.lease(1);
  core.run(core.commands.from_system(
      RegisterWorker{{"wrk_1", "w1", 1, 1}, {{"image", "1", "aa", {"{}"}}}}));
  core.sequencer->stop();
  const State from_rows = recover(*core.storage);

  eventlog::MemoryStorage copy;  // the events alone, no rows
  core.storage->log().read(0, [&](const eventlog::RecordView& record) {
    const eventlog::StreamAppend item{
        std::string(record.stream),
        record.idx,
        {{record.time_us, std::string(record.tenant), std::string(record.owner),
          std::string(record.type), record.version, std::string(record.actor),
          std::string(record.command_id), std::string(record.payload)}}};
    copy.log().append({&item, 1});
    return true;
  });
  const State from_log = recover(copy);
  EXPECT_EQ(copy.rows_offset(), copy.log().head());
  expect_same_active(from_rows, from_log);
  EXPECT_EQ(from_rows.runs.size(), 2u);
}

}  // namespace
}  // namespace runledger::core
