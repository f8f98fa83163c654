// Everything a client can get wrong: the right 4xx problem, nothing recorded, the server unharmed.
#include <gtest/gtest.h>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

class BadInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ServerProcess>();
    server_->start();
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(server_->stop(), 0);
    server_.reset();
  }
  void SetUp() override { head_ = http_.get("/v1/meta").json()["head_offset"]; }
  void TearDown() override {
    EXPECT_EQ(http_.get("/v1/meta").json()["head_offset"], head_) << "something was recorded";
  }

  void expect_problem(const HttpResult& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    ASSERT_EQ(answer.headers.at("content-type"), "application/problem+json") << answer.body;
    const Json problem = answer.json();
    EXPECT_EQ(problem["status"], status);
    EXPECT_EQ(problem["code"], code) << answer.body;
    EXPECT_FALSE(problem["detail"].get<std::string>().empty());
  }

  static std::unique_ptr<ServerProcess> server_;
  HttpSession http_ = server_->session();
  std::uint64_t head_ = 0;
};
std::unique_ptr<ServerProcess> BadInputTest::server_;

TEST_F(BadInputTest, IsNotJson) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const std::string& body :
       {std::string("{"), std::string("[]"), std::string("\"x\""), std::string("{}x"), deep,
        R"({"task":"image","input":)" + deep + "}", std::string("{\"task\":\"\xff\xfe\"}"),
        std::string(R"({"task":"image","task":"image"})"),
        std::string(R"({"task":"image","input":{"prompt":1e999}})")}) {
    expect_problem(http_.post("/v1/runs", body), 400, "invalid_json");
  }
  expect_problem(http_.post("/v1/runs", ""), 400, "invalid_json");
}

TEST_F(BadInputTest, NamesAnUnknownTaskType) {
  const HttpResult answer = http_.post("/v1/runs", R"({"task":"teleport","input":{}})");
  expect_problem(answer, 400, "unknown_task_type");
  EXPECT_EQ(answer.json()["errors"][0]["pointer"], "/task");
}

TEST_F(BadInputTest, ViolatesTheSchema) {
  const auto pointer = [&](const std::string& input) -> std::string {
    const HttpResult answer = http_.post("/v1/runs", R"({"task":"image","input":)" + input + "}");
    expect_problem(answer, 400, "schema_violation");
    return answer.json()["errors"][0]["pointer"];
  };
  EXPECT_EQ(pointer(R"({"prompt":"x","width":15})"), "/input/width");
  EXPECT_EQ(pointer(R"({"prompt":"x","height":4097})"), "/input/height");
  EXPECT_EQ(pointer(R"({"prompt":7})"), "/input/prompt");
  EXPECT_EQ(pointer(R"({"prompt":""})"), "/input/prompt");
  EXPECT_EQ(pointer(R"({"width":16})"), "/input");
  EXPECT_EQ(pointer(R"({"prompt":"x","colour":"red"})"), "/input");
}

TEST_F(BadInputTest, HasMembersThatAreNotTaken) {
  const auto pointer = [&](const std::string& body) -> std::string {
    const HttpResult answer = http_.post("/v1/runs", body);
    expect_problem(answer, 400, "invalid_request");
    return answer.json()["errors"][0]["pointer"];
  };
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"taks":1})"), "/taks");
  EXPECT_EQ(pointer(R"({"input":{"prompt":"x"}})"), "/task");
  EXPECT_EQ(pointer(R"({"task":1})"), "/task");
  EXPECT_EQ(pointer(R"({"task":"image","input":[]})"), "/input");
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"labels":{"a":1}})"), "/labels/a");
  for (const char* name : {"a:b", "", "a\\u0000", "a\\nb", "\\u007f"}) {
    const HttpResult answer =
        http_.post("/v1/runs", R"({"task":"image","input":{"prompt":"x"},"labels":{")" +
                                   std::string(name) + R"(":"1"}})");
    expect_problem(answer, 400, "invalid_request");
  }
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"priority":101})"), "/priority");
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"priority":18446744073709551615})"),
            "/priority");
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"a/b~":1})"), "/a~1b~0");
  EXPECT_EQ(pointer(R"({"task":"image","input":{"prompt":"x"},"session":"s"})"), "/session");
}

TEST_F(BadInputTest, IsTooLarge) {
  const std::string body =
      R"({"task":"image","input":{"prompt":")" + std::string(4 * 1024 * 1024, 'x') + "\"}}";
  const HttpResult answer = http_.post("/v1/runs", body);
  EXPECT_EQ(answer.status, 413) << answer.body;
}

TEST_F(BadInputTest, NamesWhatDoesNotExist) {
  const std::string id = "01hf7yat000000000000000000";
  expect_problem(http_.get("/v1/runs/run_" + id), 404, "not_found");
  expect_problem(http_.get("/v1/runs/run_" + id + "/events"), 404, "not_found");
  expect_problem(http_.post("/v1/runs/run_" + id + "/cancel", ""), 404, "not_found");
  expect_problem(http_.get("/v1/resources/res_" + id), 404, "not_found");
  expect_problem(http_.get("/v1/resources/res_" + id + "/content"), 404, "not_found");
  for (const char* path : {"/v1/nothing", "/v2/runs", "/v1/runs/x/y/z", "/etc/passwd",
                           "/v1/resources/..%2f..%2fadmin-token/content", "/v1/../admin-token"}) {
    const int status = http_.get(path).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << ' ' << status;
  }
}

TEST_F(BadInputTest, UsesTheWrongMethod) {
  const HttpResult answer = http_.request("DELETE", "/v1/runs", "", {});
  EXPECT_EQ(answer.status, 405);
  EXPECT_NE(answer.headers.at("allow").find("POST"), std::string::npos);
}

TEST_F(BadInputTest, HasNoTokenOrAWrongOne) {
  for (const std::string& token :
       {std::string(), std::string("rl_wrong"), std::string(5000, 'x')}) {
    HttpSession stranger = server_->session(token);
    expect_problem(stranger.get("/v1/runs"), 401, "unauthenticated");
    expect_problem(stranger.post("/v1/runs", R"({"task":"image","input":{"prompt":"x"}})"), 401,
                   "unauthenticated");
    EXPECT_EQ(stranger.get("/healthz").status, 200);
  }
}

TEST_F(BadInputTest, HasParametersThatAreNotTaken) {
  for (const char* target :
       {"/v1/runs?limit=0", "/v1/runs?limit=501", "/v1/runs?limit=ten", "/v1/runs?status=lost",
        "/v1/runs?cursor=nonsense", "/v1/runs?color=red", "/v1/workflows?limit=1",
        "/v1/schedules?x=1", "/v1/runs?label=x", "/v1/events?from=-1",
        "/v1/events?from=99999999999999999999"}) {
    expect_problem(http_.get(target), 400, "invalid_parameter");
  }
}

TEST_F(BadInputTest, HasAnIdempotencyKeyThatIsNone) {
  for (const std::string& key : {std::string("a b"), std::string(300, 'k')}) {
    expect_problem(http_.post("/v1/runs", R"({"task":"image","input":{"prompt":"x"}})",
                              {{"Idempotency-Key", key}}),
                   400, "invalid_idempotency_key");
  }
}

TEST_F(BadInputTest, HasAnIntegerThatCannotBeKept) {
  const auto refused = http_.post(
      "/v1/runs", R"({"task":"image","input":{"prompt":"x","seed":18446744073709551616}})");
  expect_problem(refused, 400, "invalid_json");
  EXPECT_NE(refused.body.find("more than 64 bits"), std::string::npos);
}

// Time that grows with the square of their number would let this one run into its time-out.
TEST_F(BadInputTest, HasVeryManyMembers) {
  std::string members = R"("k0":0)";
  for (int i = 1; i < 150'000; ++i) members += ",\"k" + std::to_string(i) + "\":0";
  expect_problem(http_.post("/v1/runs", R"({"task":"image","input":{)" + members + "}}"), 400,
                 "schema_violation");
  expect_problem(http_.post("/v1/runs", R"({"task":"image","input":{"a":1,"a":2}})"), 400,
                 "invalid_json");
}

TEST_F(BadInputTest, NamesAWorkflowByDotsAlone) {
  for (const std::string name : {".", ".."}) {
    const auto refused = http_.post(
        "/v1/workflows", R"({"name":")" + name + R"(","steps":[{"id":"a","task":"image"}]})");
    EXPECT_EQ(refused.status, 400) << refused.body;
  }
}

TEST_F(BadInputTest, HasAScheduleWithALargeSession) {
  const auto refused =
      http_.post("/v1/schedules", R"({"workflow":"w","cron":"* * * * *","session":{"s":")" +
                                      std::string(70'000, 'x') + "\"}}");
  expect_problem(refused, 400, "invalid_request");
}

TEST_F(BadInputTest, IsOfAnotherMediaType) {
  const HttpResult answer = http_.post("/v1/runs", "task=image", {{"Content-Type", "text/plain"}});
  EXPECT_TRUE(answer.status == 415 || answer.status == 400) << answer.body;
}

}  // namespace
}  // namespace runledger::e2e
