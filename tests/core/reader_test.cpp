#include "core/views/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/views/run_view.h"
#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using namespace runledger::core::testing;

class ReaderTest : public ::testing::Test {
 protected:
  Reader as(const Principal& who) { return Reader(*core_.storage, who); }
  std::vector<std::string> ids_of(const RunsPage& page) {
    std::vector<std::string> ids;
    for (const std::string& item : page.items) ids.push_back(json::parse(item)["run_id"]);
    return ids;
  }
  Harness core_;
  const Principal alice_ = user("acme", "alice");
  const Principal bob_ = user("acme", "bob");
  const Principal other_ = user("umbrella", "alice");
  const Principal operator_{"acme", "olga", {Role::kOperator}, ""};
  const Principal admin_{"default", "admin", {Role::kAdmin}, ""};
};

TEST_F(ReaderTest, ShowsARunToItsOwnerItsOperatorAndAnAdmin) {
  const std::string run_id = core_.submit();
  EXPECT_TRUE(as(alice_).run(run_id));
  EXPECT_TRUE(as(operator_).run(run_id));
  EXPECT_TRUE(as(admin_).run(run_id));
  EXPECT_FALSE(as(bob_).run(run_id));
  EXPECT_FALSE(as(other_).run(run_id));
}

TEST_F(ReaderTest, ListsOnlyWhatTheCallerMaySee) {
  const std::string hers = core_.submit();
  const std::string his = core_.submit("", "", "bob");
  EXPECT_THAT(ids_of(as(alice_).runs({})), ElementsAre(hers));
  EXPECT_THAT(ids_of(as(bob_).runs({})), ElementsAre(his));
  EXPECT_THAT(ids_of(as(other_).runs({})), ElementsAre());
  EXPECT_THAT(ids_of(as(operator_).runs({})), ElementsAre(his, hers));
  EXPECT_THAT(ids_of(as(admin_).runs({})), ElementsAre(his, hers));
}

TEST_F(ReaderTest, ShowsTheFeedOnlyOfWhatTheCallerMaySee) {
  core_.submit();
  core_.submit("", "", "bob");
  core_.run(core_.commands.from_system(CreateToken{{"tok_1", "acme", "alice", {"viewer"}, "aa"}}));
  EXPECT_EQ(as(alice_).feed(0, 100, {}).count, 2u);
  EXPECT_EQ(as(other_).feed(0, 100, {}).count, 0u);
  EXPECT_EQ(as(operator_).feed(0, 100, {}).count, 4u);
  EXPECT_EQ(as(admin_).feed(0, 100, {}).count, 5u);
  EXPECT_EQ(as(alice_).feed(0, 100, {}).next, 5u);
  EXPECT_EQ(as(admin_).feed(0, 100, {"token.created"}).count, 1u);
}

TEST_F(ReaderTest, PagesThroughAllRunsNewestFirstWhileNewOnesCome) {
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) expected.insert(expected.begin(), core_.submit());
  std::vector<std::string> seen;
  RunFilter filter;
  filter.limit = 3;
  for (;;) {
    const RunsPage page = as(alice_).runs(filter);
    for (const std::string& id : ids_of(page)) seen.push_back(id);
    core_.submit();  // must not disturb the pages to come
    if (!page.next_cursor) break;
    filter.after_run_id = *page.next_cursor;
  }
  EXPECT_EQ(seen, expected);
}

TEST_F(ReaderTest, FiltersByStatusTaskAndLabel) {
  const std::string pending = core_.submit();
  const std::string canceled = core_.submit();
  core_.as_user(CancelRun{canceled, {}});
  RunFilter filter;
  filter.statuses = {RunStatus::kCanceled};
  EXPECT_THAT(ids_of(as(alice_).runs(filter)), ElementsAre(canceled));
  filter = {};
  filter.labels = {{"conversation_id", "42"}};
  filter.statuses = {RunStatus::kPending};
  EXPECT_THAT(ids_of(as(alice_).runs(filter)), ElementsAre(pending));
  filter.labels = {{"conversation_id", "43"}};
  EXPECT_THAT(ids_of(as(alice_).runs(filter)), ElementsAre());
  filter = {};
  filter.task_type = "video";
  EXPECT_THAT(ids_of(as(alice_).runs(filter)), ElementsAre());
}

TEST_F(ReaderTest, GivesEachEventOnceInPagesOfAnySize) {
  const std::string run_id = core_.submit();
  const auto grant = core_.lease(1).at(0);
  for (int i = 0; i < 20; ++i) {
    core_.as_worker(RecordEmitted{lease_of(grant), "text.delta", {json(i).dump()}});
  }
  const auto run = *as(alice_).run(run_id);
  for (std::size_t limit = 1; limit < 30; ++limit) {
    std::uint64_t from = 0;
    std::uint64_t expected_idx = 0;
    for (bool more = true; more;) {
      const EventsPage page = as(alice_).run_events(run, from, limit);
      for (const auto& event : json::parse(page.events)) {
        ASSERT_EQ(event["idx"], expected_idx++);
      }
      from = page.next;
      more = page.has_more;
    }
    EXPECT_EQ(expected_idx, run.next_idx);
    EXPECT_EQ(from, run.next_idx);
  }
}

TEST_F(ReaderTest, GivesNothingBeyondTheEndAndKeepsThePlace) {
  const auto run = *as(alice_).run(core_.submit());
  const EventsPage page = as(alice_).run_events(run, 1000, 10);
  EXPECT_EQ(page.events, "[]");
  EXPECT_EQ(page.next, 1000u);
  EXPECT_FALSE(page.has_more);
}

TEST_F(ReaderTest, FindsAResourceForItsOwnerOnly) {
  core_.submit();
  const auto grant = core_.lease(1).at(0);
  core_.as_worker(
      StoreResource{lease_of(grant), "res_1", "a.png", "image/png", std::string(64, 'b'), 10});
  ASSERT_TRUE(as(alice_).resource("res_1"));
  EXPECT_EQ(as(alice_).resource("res_1")->resource.size, 10u);
  EXPECT_FALSE(as(bob_).resource("res_1"));
  EXPECT_FALSE(as(alice_).resource("res_2"));
}

TEST_F(ReaderTest, RendersValidJsonWhateverTheTextsAre) {
  core_.submit();
  const auto grant = core_.lease(1).at(0);
  const std::string nasty = "a\"b\\c\n\x01 猫 \xff";
  core_.as_worker(RecordProgress{lease_of(grant), 10, nasty});
  core_.as_worker(FailTask{lease_of(grant), {"code", nasty, false}});
  const auto run = *as(alice_).run(grant.run_id);
  EXPECT_TRUE(json::accept(render_run(run)));
  EXPECT_TRUE(json::accept(render_run_summary(run)));
  EXPECT_TRUE(json::accept(as(alice_).run_events(run, 0, 100).events));
}

}  // namespace
}  // namespace runledger::core
