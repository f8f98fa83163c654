// Many runs by one request.
#include <gtest/gtest.h>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

class BatchTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ServerProcess>();
    server_->start({1, {"--plugins", RUNLEDGER_JOURNAL_PLUGINS}});
  }
  static void TearDownTestSuite() { server_.reset(); }

  Json item(const Json& more = Json::object()) const {
    const auto file = (server_->directory() / "journal").string();
    Json body = {{"task", "journal"}, {"input", {{"file", file}, {"calls", Json::array()}}}};
    body.update(more);
    return body;
  }
  static std::string body_of(const std::vector<Json>& runs) { return Json{{"runs", runs}}.dump(); }
  std::size_t runs_there_are() {
    const Json page = http_.get("/v1/runs?limit=200").json();
    return page["items"].size();
  }

  static std::unique_ptr<ServerProcess> server_;
  HttpSession http_ = server_->session();
};
std::unique_ptr<ServerProcess> BatchTest::server_;

TEST_F(BatchTest, AllOfItIsThereAndRuns) {
  const auto answer = http_.post("/v1/runs:batch", body_of({item(), item(), item()}));
  ASSERT_EQ(answer.status, 202) << answer.body;
  const Json ids = answer.json()["run_ids"];
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_TRUE(answer.json()["offset"].is_number_unsigned());
  for (const std::string run_id : ids) {
    for (std::string status; status != "succeeded";) {
      const Json page = http_.get("/v1/runs/" + run_id + "/events?wait=5&from=0").json();
      status = page["status"];
      ASSERT_NE(status, "failed");
    }
  }
}

TEST_F(BatchTest, NamesWhatIsWrongWithWhichAndTakesNothing) {
  const std::size_t before = runs_there_are();
  const auto answer = http_.post(
      "/v1/runs:batch", body_of({item(), item({{"priority", 1000}}), item({{"task", "nothing"}})}));
  EXPECT_EQ(answer.status, 400) << answer.body;
  const Json errors = answer.json()["errors"];
  ASSERT_EQ(errors.size(), 2u) << answer.body;
  EXPECT_EQ(errors[0]["pointer"], "/runs/1/priority");
  EXPECT_EQ(errors[1]["pointer"], "/runs/2/task");
  EXPECT_EQ(runs_there_are(), before);
}

TEST_F(BatchTest, RefusesWhatIsNoListOfSubmissions) {
  for (const char* body : {R"({})", R"({"runs":[]})", R"({"runs":{}})", R"({"runs":[7]})",
                           R"({"runs":[{}],"more":1})"}) {
    EXPECT_EQ(http_.post("/v1/runs:batch", body).status, 400) << body;
  }
  const std::vector<Json> many(1001, item());
  EXPECT_EQ(http_.post("/v1/runs:batch", body_of(many)).status, 400);
  EXPECT_EQ(http_.get("/v1/runs:batch").status, 405);
}

TEST_F(BatchTest, TheSameKeyGivesTheSameRuns) {
  const std::string body = body_of({item(), item()});
  const HttpSession::Headers key = {{"Idempotency-Key", "order-17"}};
  const auto first = http_.post("/v1/runs:batch", body, key);
  ASSERT_EQ(first.status, 202) << first.body;
  const auto again = http_.post("/v1/runs:batch", body, key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(again.json(), first.json());
  EXPECT_EQ(http_.post("/v1/runs:batch", body_of({item()}), key).status, 422);
}

TEST_F(BatchTest, AConflictNamesTheRunThatHasIt) {
  const Json key = {{"concurrency", {{"key", "clip"}, {"on_conflict", "reject"}}}};
  const auto answer = http_.post("/v1/runs:batch", body_of({item(key), item(), item(key)}));
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_EQ(answer.json()["errors"][0]["pointer"], "/runs/2");
}

}  // namespace
}  // namespace runledger::e2e
