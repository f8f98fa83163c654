// Long texts and finished steps in rows of their own.
#include "core/views/run_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/domain/event_codec.h"
#include "core/views/row_keys.h"
#include "core/views/run_view.h"
#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;
using nlohmann::json;
using ::testing::SizeIs;

constexpr const char* kTwoSteps =
    R"({"steps":[{"id":"one","task":"a"},)"
    R"({"id":"two","task":"b","needs":["one"],"input":{"from":"${steps.one.output}"}}]})";

std::string long_text(char letter) {
  return R"({"text":")" + std::string(kTextInRowBytesMax, letter) + "\"}";
}

class RunPartsTest : public ::testing::Test {
 protected:
  std::vector<std::string> keys_of(const std::string& prefix) {
    std::vector<std::string> keys;
    core_.storage->rows().scan(prefix, "", [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return true;
    });
    return keys;
  }
  std::string row_of(const std::string& run_id) {
    return core_.storage->rows().get(row_keys::key(row_keys::kRun, run_id)).value();
  }
  // The rows as a fold that commits after so many events.
  std::map<std::string, std::string> fold_in_groups_of(std::size_t events) {
    std::map<std::string, std::string> rows;
    Folder folder(nullptr);
    std::size_t folded = 0;
    const auto take = [&] {
      for (auto& [key, value] : folder.take_rows()) {
        if (value) {
          rows[key] = *value;
        } else {
          const bool part = key.starts_with("text/") || key.starts_with("memo/");
          EXPECT_TRUE(rows.erase(key) == 1 || !part) << key << " is deleted, but was never there";
        }
      }
    };
    core_.storage->log().read(0, [&](const eventlog::RecordView& record) {
      folder.fold(decode_event(record));
      if (++folded % events == 0) take();
      return true;
    });
    take();
    return rows;
  }
  void expect_same_rows_in_any_groups() {
    for (const std::size_t events : {1, 2, 3, 7, 1000}) {
      EXPECT_EQ(fold_in_groups_of(events), core_.rows()) << "in groups of " << events;
    }
  }
  void end_steps(const LeasesGranted::Grant& grant, int from, int to) {
    for (int i = from; i < to; ++i) {
      core_.as_worker(CompleteStep{lease_of(grant), "s" + std::to_string(i), {std::to_string(i)}});
    }
  }

  WorkflowHarness core_;
  const Principal alice_ = user("acme", "alice");
};

TEST_F(RunPartsTest, ALongTextIsARowAndTheViewHasIt) {
  const std::string run_id = core_.start(kTwoSteps);
  core_.succeed(core_.lease_one_of(run_id), long_text('x'));
  EXPECT_THAT(keys_of("text/"), SizeIs(2));  // the output, and the input with it in it
  EXPECT_LT(row_of(run_id).size(), 3000u);
  const Reader reader(*core_.storage, alice_);
  const json shown = json::parse(render_run(*reader.run(run_id)));
  EXPECT_EQ(shown["tasks"][0]["output"], json::parse(long_text('x')));
  EXPECT_EQ(core_.lease_one_of(run_id).input.text, R"({"from":)" + long_text('x') + "}");
  EXPECT_EQ(*core_.stored(run_id)->tasks[0].output, JsonText{long_text('x')});
  expect_same_rows_in_any_groups();
}

TEST_F(RunPartsTest, TheOutlineHasNoLongTextAndTheRest) {
  const std::string run_id = core_.start(kTwoSteps);
  core_.succeed(core_.lease_one_of(run_id), long_text('x'));
  const auto outline = Reader(*core_.storage, alice_).outline(run_id);
  EXPECT_EQ(outline->tasks[0].output->text, "null");
  EXPECT_EQ(outline->version, core_.stored(run_id)->version);
  EXPECT_EQ(render_run_summary(*outline), render_run_summary(*core_.stored(run_id)));
}

TEST_F(RunPartsTest, AReportWritesTheRunsOwnRowAlone) {
  const std::string run_id = core_.start(kTwoSteps);
  core_.succeed(core_.lease_one_of(run_id), long_text('x'));
  const auto before = core_.rows();
  core_.as_worker(RecordProgress{lease_of(core_.lease_one_of(run_id)), 10, "on it"});
  State state;
  load_run_row(state, core_.storage->rows(), run_id);
  std::vector<std::string> changed;
  render_run_rows(state.runs.at(run_id), [&](std::string key, auto) { changed.push_back(key); });
  EXPECT_THAT(changed, ::testing::ElementsAre("run/" + run_id));
  EXPECT_EQ(core_.rows().size(), before.size() + 1);  // served/
}

TEST_F(RunPartsTest, TheSameTextIsOneRow) {
  const std::string spec = R"({"steps":[{"id":"one","task":"a"},{"id":"two","task":"a"}]})";
  const std::string run_id = core_.start(spec);
  core_.work(long_text('x'));
  EXPECT_THAT(keys_of("text/" + run_id), SizeIs(1));
  EXPECT_EQ(core_.stored(run_id)->tasks[1].output->text, long_text('x'));
  expect_same_rows_in_any_groups();
}

TEST_F(RunPartsTest, ATextOfTheSameLengthAsTheLimitStaysInTheRow) {
  const std::string run_id = core_.submit();
  std::string text = '"' + std::string(kTextInRowBytesMax - 2, 'x') + '"';
  core_.succeed(core_.lease_one_of(run_id), text);
  EXPECT_THAT(keys_of("text/"), SizeIs(0));
  EXPECT_EQ(core_.stored(run_id)->output->text, text);
}

TEST_F(RunPartsTest, ATextThatIsNoMoreHasNoRow) {
  const std::string run_id = core_.start(kTwoSteps);
  core_.succeed(core_.lease_one_of(run_id), long_text('x'));
  core_.fail(core_.lease_one_of(run_id));
  ASSERT_THAT(keys_of("text/"), SizeIs(2));
  EXPECT_TRUE(was_taken(core_.as_user(RetryRun{run_id, "one", {}})));
  EXPECT_THAT(keys_of("text/"), SizeIs(0));
  core_.succeed(core_.lease_one_of(run_id), long_text('x'));
  EXPECT_THAT(keys_of("text/"), SizeIs(2));
  expect_same_rows_in_any_groups();
}

TEST_F(RunPartsTest, ARunThatIsReadFromItsRowsGoesOnLikeOneInMemory) {
  core_.settings.runs_in_memory_max = 0;
  core_.restart();
  const std::string run_id = core_.start(kTwoSteps);
  const auto grant = core_.lease_one_of(run_id);
  end_steps(grant, 0, 3);
  core_.restart();
  end_steps(grant, 3, 5);
  EXPECT_THAT(core_.task(run_id, "one").memos, SizeIs(5));
  core_.succeed(grant, long_text('y'));
  core_.succeed(core_.lease_one_of(run_id), long_text('z'));
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core_.stored(run_id)->output->text, long_text('z'));
  expect_same_rows_in_any_groups();
}

TEST_F(RunPartsTest, AFinishedStepIsARowUntilItsTaskEnds) {
  const std::string run_id = core_.start(kTwoSteps);
  const auto grant = core_.lease_one_of(run_id);
  end_steps(grant, 0, 20);
  const auto keys = keys_of("memo/");
  ASSERT_THAT(keys, SizeIs(20));
  EXPECT_EQ(keys.back(), "memo/" + grant.task_id + "/00000013");
  EXPECT_EQ(row_of(run_id).find("s19"), std::string::npos);
  const auto memos = core_.task(run_id, "one").memos;
  EXPECT_EQ(memos.at(19).name, "s19");
  EXPECT_EQ(memos.at(19).result.text, "19");
  expect_same_rows_in_any_groups();
  core_.succeed(grant);
  EXPECT_THAT(keys_of("memo/"), SizeIs(0));
  expect_same_rows_in_any_groups();
}

// Within one commit the task loses its steps and finishes others, as many as before.
TEST_F(RunPartsTest, StepsOfATaskThatBeganAnewTakeThePlaceOfTheOld) {
  const std::string run_id = core_.start(kTwoSteps);
  const auto grant = core_.lease_one_of(run_id);
  end_steps(grant, 0, 3);
  core_.fail(grant);
  core_.as_user(ResumeRun{run_id, {}});
  const auto again = core_.lease_one_of(run_id);
  end_steps(again, 10, 14);
  EXPECT_THAT(keys_of("memo/"), SizeIs(4));
  EXPECT_EQ(core_.task(run_id, "one").memos.at(0).name, "s10");
  expect_same_rows_in_any_groups();
}

TEST_F(RunPartsTest, APartThatIsMissingIsDamage) {
  const std::string run_id = core_.start(kTwoSteps);
  const auto grant = core_.lease_one_of(run_id);
  end_steps(grant, 0, 2);
  const eventlog::RowChange memo{keys_of("memo/").at(1), std::nullopt};
  core_.storage->commit({}, {&memo, 1});
  EXPECT_THROW(core_.stored(run_id), eventlog::LogError);
  EXPECT_TRUE(Reader(*core_.storage, alice_).run(run_id));  // which shows no steps

  const std::string other = core_.start(kTwoSteps);
  core_.succeed(core_.lease_one_of(other), long_text('x'));
  for (const std::string& key : keys_of("text/" + other)) {
    const eventlog::RowChange text{key, std::nullopt};
    core_.storage->commit({}, {&text, 1});
  }
  EXPECT_THROW(Reader(*core_.storage, alice_).run(other), eventlog::LogError);
  EXPECT_TRUE(Reader(*core_.storage, alice_).outline(other));
}

}  // namespace
}  // namespace runledger::core
