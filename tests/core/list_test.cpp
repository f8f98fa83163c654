// Lists against a model: every run looked at one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "core/base/json_writer.h"
#include "core/domain/decide.h"
#include "core/views/row_keys.h"
#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using nlohmann::json;
using namespace runledger::core::testing;

constexpr const char* kTwoSteps =
    R"({"steps":[{"id":"one","task":"a"},{"id":"two","task":"b","needs":["one"]}]})";

class ListTest : public ::testing::Test {
 protected:
  std::size_t below(std::size_t count) { return random_() % count; }
  std::string text(std::size_t count) { return std::to_string(below(count)); }

  void submit() {
    core_.clock.advance_us(static_cast<std::int64_t>(below(3000)));
    const bool two = below(3) == 0;
    SubmitRun run = two ? core_.spec_submission(kTwoSteps) : core_.submission();
    run.labels = {{"conversation_id", text(12)}, {"parity", text(2)}};
    if (below(4) == 0) run.workflow = "w" + text(2);
    if (!run.workflow.empty()) run.workflow_version = 1;
    const std::string tenant = below(5) == 0 ? "umbrella" : "acme";
    runs_.push_back(run.run_id);
    core_.run(core_.commands.from_user(user(tenant, "user" + text(3)), std::move(run)));
  }
  // Some runs end, some go on, some are canceled.
  void work() {
    for (const auto& grant : core_.lease_all()) {
      const std::size_t what = below(8);
      if (what == 0) core_.fail(grant);
      if (what > 1) core_.succeed(grant);
    }
    const Principal root{"default", "root", {Role::kAdmin}, ""};
    core_.run(core_.commands.from_user(root, CancelRun{runs_[below(runs_.size())], {}}));
  }

  Principal someone() {
    const std::string tenant = below(4) == 0 ? "umbrella" : "acme";
    switch (below(4)) {
      case 0:
        return {"default", "root", {Role::kAdmin}, ""};
      case 1:
        return {tenant, "olga", {Role::kOperator}, ""};
      default:
        return user(tenant, "user" + text(3));
    }
  }
  RunFilter some_filter() {
    RunFilter filter;
    constexpr std::array kStatuses{RunStatus::kPending, RunStatus::kRunning,  RunStatus::kSucceeded,
                                   RunStatus::kFailed,  RunStatus::kCanceled, RunStatus::kPaused};
    for (std::size_t n = below(3); n > 0; --n) {
      filter.statuses.push_back(kStatuses[below(kStatuses.size())]);
    }
    if (below(3) == 0) filter.labels.emplace_back("conversation_id", text(13));
    if (below(3) == 0) filter.labels.emplace_back("parity", text(2));
    if (below(5) == 0) filter.task_type = below(2) == 0 ? "image" : "b";
    if (below(6) == 0) filter.workflow = "w" + text(3);
    if (below(5) == 0) filter.created_after_us = time_of(below(runs_.size()));
    if (below(5) == 0) filter.created_before_us = time_of(below(runs_.size()));
    filter.limit = 1 + below(60);
    return filter;
  }
  // Filters go by the milliseconds of an id.
  std::int64_t time_of(std::size_t run) { return stored_.at(runs_[run]).created_us / 1000 * 1000; }

  bool wanted(const Principal& who, const RunFilter& filter, const RunState& run) {
    if (!sees(who, run.tenant, run.owner)) return false;
    const auto& statuses = filter.statuses;
    if (!statuses.empty() && std::count(statuses.begin(), statuses.end(), run.status) == 0) {
      return false;
    }
    for (const auto& [name, value] : filter.labels) {
      if (run.labels.at(name) != value) return false;
    }
    if (!filter.workflow.empty() && run.workflow != filter.workflow) return false;
    const auto& steps = run.plan->spec.steps;
    if (!filter.task_type.empty() && std::none_of(steps.begin(), steps.end(), [&](const auto& s) {
          return s.task_type == filter.task_type;
        })) {
      return false;
    }
    const std::int64_t made = run.created_us / 1000 * 1000;
    return made >= filter.created_after_us.value_or(0) &&
           made < filter.created_before_us.value_or(std::int64_t{1} << 60);
  }
  std::vector<std::string> model(const Principal& who, const RunFilter& filter) {
    std::vector<std::string> ids;
    for (const auto& [run_id, run] : stored_) {
      if (wanted(who, filter, run)) ids.push_back(run_id);
    }
    std::sort(ids.rbegin(), ids.rend());
    return ids;
  }
  std::vector<std::string> all_pages(const Principal& who, RunFilter filter) {
    std::vector<std::string> ids;
    for (std::optional<std::string> cursor = ""; cursor;) {
      filter.after_run_id = *cursor;
      RunsPage page = Reader(*core_.storage, who).runs(filter);
      EXPECT_LE(page.items.size(), filter.limit);
      for (const std::string& item : page.items) ids.push_back(json::parse(item)["run_id"]);
      cursor = std::move(page.next_cursor);
    }
    return ids;
  }

  std::mt19937 random_{7};
  WorkflowHarness core_;
  std::vector<std::string> runs_;
  std::map<std::string, RunState> stored_;
};

TEST_F(ListTest, ShowsWhatAModelShowsForRandomFilters) {
  for (int i = 0; i < 400; ++i) {
    submit();
    if (i % 40 == 39) work();
  }
  for (const std::string& run_id : runs_) stored_[run_id] = *core_.stored(run_id);
  std::size_t shown = 0;
  for (int i = 0; i < 400; ++i) {
    const Principal who = someone();
    const RunFilter filter = some_filter();
    const auto expected = model(who, filter);
    ASSERT_EQ(all_pages(who, filter), expected) << "filter " << i;
    shown += expected.size();
  }
  EXPECT_GT(shown, 5000u);
}

// Ids of the label a and of the label b in turns: no run has both, and each is a jump.
class SearchOfNothing : public ::testing::Test {
 protected:
  void fill(std::size_t runs) {
    std::vector<eventlog::RowChange> rows;
    for (std::size_t i = 0; i < runs; ++i) {
      const std::string label = i % 2 == 0 ? "a" : "b";
      const std::string hash = row_keys::label_hash("l", label);
      const std::string id = id_of("run", static_cast<std::int64_t>(i), {});
      rows.push_back({row_keys::of_tenant(row_keys::kByLabel, "acme", hash) + id, ""});
      rows.push_back({row_keys::key(row_keys::kRun, id), row(label)});
    }
    storage_.commit({}, rows);
  }
  // The part of a run's row that lists look at.
  static std::string row(const std::string& label) {
    return JsonWriter()
               .text("tenant", "acme")
               .text("user", "alice")
               .text("status", "pending")
               .json("labels", JsonWriter().text("l", label).take())
               .take() +
           "\n{}";
  }
  eventlog::MemoryStorage storage_;
  const Principal olga_{"acme", "olga", {Role::kOperator}, ""};
};

TEST_F(SearchOfNothing, EndsAfterAFewRequestsEachOfWhichComesFurther) {
  constexpr std::size_t kRuns = 2 * kListSeeksMax + kListSeeksMax / 2;
  fill(kRuns);
  RunFilter filter;
  filter.labels = {{"l", "a"}, {"l", "b"}};
  std::size_t requests = 0;
  for (std::optional<std::string> cursor = ""; cursor; ++requests) {
    ASSERT_LT(requests, 10u);
    filter.after_run_id = *cursor;
    const RunsPage page = Reader(storage_, olga_).runs(filter);
    ASSERT_TRUE(page.items.empty());
    if (page.next_cursor) {
      ASSERT_TRUE(is_id(*page.next_cursor, "run"));
      ASSERT_TRUE(cursor->empty() || *page.next_cursor < *cursor);
    }
    cursor = page.next_cursor;
  }
  EXPECT_GE(requests, 2u);
}

}  // namespace
}  // namespace runledger::core
