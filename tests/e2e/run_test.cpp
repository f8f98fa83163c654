// The main job against the real server: submit, poll, fetch, cancel.
#include <gtest/gtest.h>

#include <map>

#include "core/base/sha256.h"
#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

constexpr const char* kSmall =
    R"({"task":"image","input":{"prompt":"Hello 你好","width":320,"height":200},)"
    R"("labels":{"conversation_id":"42"},"session":{"workspace":"ws-1"}})";
constexpr const char* kLarge =
    R"({"task":"image","input":{"prompt":"large","width":2400,"height":2400}})";

// All events of a run until it has ended, by polling as a client would.
std::vector<Json> follow(HttpSession& http, const std::string& run_id) {
  std::vector<Json> events;
  for (;;) {
    const Json page = http.get("/v1/runs/" + run_id +
                               "/events?wait=10&limit=3&from=" + std::to_string(events.size()))
                          .json();
    for (const Json& event : page["events"]) events.push_back(event);
    EXPECT_EQ(page["next_offset"], events.size());
    const std::string status = page["status"];
    const bool ended = status == "succeeded" || status == "failed" || status == "canceled";
    if (ended && !page["has_more"]) return events;
  }
}

std::string submit(HttpSession& http, const std::string& body) {
  const HttpResult answer = http.post("/v1/runs", body);
  EXPECT_EQ(answer.status, 202) << answer.body;
  return answer.json()["run_id"];
}

class RunTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ServerProcess>();
    server_->start();
  }
  static void TearDownTestSuite() { server_.reset(); }

  static std::unique_ptr<ServerProcess> server_;
  HttpSession http_ = server_->session();
};
std::unique_ptr<ServerProcess> RunTest::server_;

TEST_F(RunTest, DrawsAPictureAndGivesItBack) {
  const HttpResult answer = http_.post("/v1/runs", kSmall);
  ASSERT_EQ(answer.status, 202) << answer.body;
  const std::string run_id = answer.json()["run_id"];
  EXPECT_EQ(answer.headers.at("location"), "/v1/runs/" + run_id);
  EXPECT_EQ(answer.json()["status"], "pending");
  const auto events = follow(http_, run_id);
  EXPECT_EQ(events.front()["type"], "run.created");
  EXPECT_EQ(events.back()["type"], "run.succeeded");
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i]["idx"], i);

  const Json run = http_.get("/v1/runs/" + run_id).json();
  EXPECT_EQ(run["status"], "succeeded");
  EXPECT_EQ(run["progress"], 100);
  EXPECT_EQ(run["labels"]["conversation_id"], "42");
  EXPECT_EQ(run["output"]["resource_id"], run["resources"][0]["resource_id"]);
  EXPECT_EQ(run["tasks"][0]["attempts"][0]["status"], "succeeded");
  const Json resource = run["resources"][0];
  const HttpResult content = http_.get(resource["url"].get<std::string>());
  EXPECT_EQ(content.status, 200);
  EXPECT_EQ(content.headers.at("content-type"), "image/png");
  EXPECT_EQ(content.body.substr(0, 4), "\x89PNG");
  EXPECT_EQ(content.body.size(), resource["size"]);
  EXPECT_EQ(core::sha256_hex(content.body), resource["sha256"]);
  EXPECT_EQ(
      http_.get("/v1/resources/" + resource["resource_id"].get<std::string>()).json()["run_id"],
      run_id);
}

TEST_F(RunTest, ShowsProgressWhileItIsDrawn) {
  const auto events = follow(http_, submit(http_, kLarge));
  double last = -1;
  int reports = 0;
  for (const Json& event : events) {
    if (event["type"] != "task.progressed") continue;
    EXPECT_GE(event["data"]["percent"], last);
    last = event["data"]["percent"];
    ++reports;
  }
  EXPECT_GT(reports, 2);
}

TEST_F(RunTest, IsCanceledWhileItIsDrawn) {
  const std::string run_id = submit(http_, kLarge);
  std::size_t from = 0;
  for (bool running = false; !running;) {
    const Json page =
        http_.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
    from = page["next_offset"];
    running = page["status"] == "running";
  }
  const HttpResult canceled = http_.post("/v1/runs/" + run_id + "/cancel", "");
  EXPECT_EQ(canceled.status, 202) << canceled.body;
  EXPECT_EQ(canceled.json()["status"], "canceling");
  EXPECT_EQ(follow(http_, run_id).back()["type"], "run.canceled");
  const HttpResult again = http_.post("/v1/runs/" + run_id + "/cancel", "");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json()["winner"]["by"], "user:admin");
  EXPECT_EQ(again.json()["winner"]["decision"], "run.cancel_requested");
}

TEST_F(RunTest, IsSubmittedOnceUnderOneKey) {
  const HttpSession::Headers key = {{"Idempotency-Key", "order-1"}};
  const HttpResult first = http_.post("/v1/runs", kSmall, key);
  const HttpResult again = http_.post("/v1/runs", kSmall, key);
  EXPECT_EQ(first.body, again.body);
  EXPECT_FALSE(first.headers.contains("idempotency-replayed"));
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  const HttpResult other = http_.post("/v1/runs", kLarge, key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.json()["code"], "idempotency_key_reused");
}

TEST_F(RunTest, IsRepeatedAlthoughItsWorkflowIsArchived) {
  const std::string spec =
      R"({"name":"once","steps":[{"id":"a","task":"image","input":{"prompt":"x","width":16,"height":16}}]})";
  ASSERT_EQ(http_.post("/v1/workflows", spec).status, 201);
  const HttpSession::Headers key = {{"Idempotency-Key", "archived-1"}};
  const HttpResult first = http_.post("/v1/runs", R"({"workflow":"once"})", key);
  ASSERT_EQ(first.status, 202) << first.body;
  ASSERT_EQ(http_.request("DELETE", "/v1/workflows/once", "", {}).status, 200);
  const HttpResult again = http_.post("/v1/runs", R"({"workflow":"once"})", key);
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.json()["run_id"], first.json()["run_id"]);
  EXPECT_EQ(http_.post("/v1/runs", R"({"workflow":"once"})").status, 400);
}

TEST_F(RunTest, IsListedByALabelWithAComma) {
  const std::string run_id = submit(
      http_,
      R"({"task":"image","input":{"prompt":"x","width":16,"height":16},"labels":{"k":"a,b"}})");
  const Json page = http_.get("/v1/runs?label=k:a%5C%2Cb").json();
  ASSERT_EQ(page["items"].size(), 1u);
  EXPECT_EQ(page["items"][0]["run_id"], run_id);
  EXPECT_EQ(http_.get("/v1/runs?label=k:a").json()["items"].size(), 0u);
}

TEST_F(RunTest, IsListedWithItsLabelAndStatus) {
  const std::string run_id = submit(
      http_,
      R"({"task":"image","input":{"prompt":"x","width":16,"height":16},"labels":{"k":"v:1"}})");
  follow(http_, run_id);
  const Json page = http_.get("/v1/runs?label=k:v:1&status=succeeded,failed&limit=5").json();
  ASSERT_EQ(page["items"].size(), 1u);
  EXPECT_EQ(page["items"][0]["run_id"], run_id);
  EXPECT_TRUE(page["next_cursor"].is_null());
}

TEST_F(RunTest, StandsInTheFeedInOrderOfOffset) {
  follow(http_, submit(http_, kSmall));
  std::uint64_t from = 0;
  std::uint64_t next_expected = 0;
  for (bool more = true; more;) {
    const Json page = http_.get("/v1/events?limit=7&from=" + std::to_string(from)).json();
    for (const Json& event : page["events"]) EXPECT_EQ(event["offset"], next_expected++);
    from = page["next_offset"];
    more = page["has_more"];
  }
  EXPECT_GE(http_.get("/v1/meta").json()["head_offset"], next_expected);
}

TEST_F(RunTest, HoldsAPollUntilThereIsNewsAndNotLonger) {
  const std::string run_id = submit(http_, kSmall);
  const auto events = follow(http_, run_id);
  const std::string past_end = "/v1/runs/" + run_id + "/events?wait=1&from=";
  const Json ended = http_.get(past_end + std::to_string(events.size())).json();
  EXPECT_TRUE(ended["events"].empty());
  EXPECT_EQ(ended["status"], "succeeded");
}

TEST_F(RunTest, DescribesItsTaskTypes) {
  const Json types = http_.get("/v1/task-types").json();
  std::map<std::string, Json> by_name;
  for (const Json& type : types["items"]) by_name[type["name"]] = type;
  for (const char* name : {"http", "image", "video"}) EXPECT_TRUE(by_name.contains(name)) << name;
  EXPECT_TRUE(by_name["image"]["input_schema"]["properties"].contains("prompt"));
}

TEST_F(RunTest, IsDrivenFromTheCommandLine) {
  const Finished submitted = server_->run(
      {"submit", "image", "--input", R"({"prompt":"cli","width":64,"height":64})", "--wait"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
  const std::string run_id = submitted.out.substr(0, submitted.out.find(' '));
  const Finished events = server_->run({"events", run_id, "--follow", "--json"});
  EXPECT_EQ(events.exit_code, 0) << events.err;
  EXPECT_NE(events.out.find("run.succeeded"), std::string::npos);
  const Finished shown = server_->run({"log", "show", server_->data().string(), run_id});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("resource.succeeded"), std::string::npos);
  const Finished tail =
      server_->run({"log", "tail", server_->data().string(), "-n", "1", "--json"});
  EXPECT_EQ(tail.exit_code, 0) << tail.err;
  EXPECT_EQ(Json::parse(tail.out)["type"], "run.succeeded");
}

}  // namespace
}  // namespace runledger::e2e
