// Workflows against the real server with the real image plugin: define, start, approve, pause,
// resume, explain, list, schedule, and what a client can get wrong.
#include <gtest/gtest.h>

#include <optional>

#include "core/base/clock.h"
#include "core/base/sha256.h"
#include "core/base/time_text.h"
#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

constexpr const char* kCovers = R"({"name":"covers","description":"Draws a cover a title",
  "input_schema":{"type":"object","required":["titles"],
    "properties":{"titles":{"type":"array","items":{"type":"string"}}}},
  "steps":[
    {"id":"covers","task":"image","for_each":{"items":"${run.input.titles}","parallel":2},
     "input":{"prompt":"${item}","width":64,"height":64}},
    {"id":"sheet","task":"image","when":{"exists":"${run.input.titles}"},
     "input":{"prompt":"sheet of ${run.input.titles}","width":96,"height":64}}],
  "output":{"covers":"${steps.covers.output}"}})";

constexpr const char* kApproved = R"({"spec":{"steps":[{"id":"draw","task":"image",
  "input":{"prompt":"${run.input.p}","width":64,"height":64},"approval":{"roles":["reviewer"]}}]},
  "input":{"p":"x"},"labels":{"conversation_id":"77"}})";

std::string in_an_hour() {
  return core::rfc3339(core::SystemClock().now_us() + 3'600'000'000);
}

class WorkflowTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ServerProcess>();
    server_->start();
  }
  static void TearDownTestSuite() { server_.reset(); }

  std::string start(HttpSession& http, const std::string& body) {
    const HttpResult answer = http.post("/v1/runs", body);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return answer.json().value("run_id", "");
  }
  Json run(const std::string& run_id) { return http_->get("/v1/runs/" + run_id).json(); }
  // Holds at the server until there is news, as a client would.
  Json wait_for(const std::string& run_id, const std::string& status) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      from = page["next_offset"];
      if (page["status"] == status) return run(run_id);
      const bool ended = page["status"] == "succeeded" || page["status"] == "failed" ||
                         page["status"] == "canceled";
      if (ended) {
        ADD_FAILURE() << "it ended as " << page["status"] << ": " << run(run_id).dump();
        return run(run_id);
      }
    }
  }
  HttpSession as(const std::string& user, const std::string& roles) {
    const HttpResult made = http_->post(
        "/v1/tokens", R"({"tenant":"default","user":")" + user + R"(","roles":)" + roles + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return server_->session(made.json()["token"].get<std::string>());
  }
  static std::string problem(const HttpResult& answer) {
    return answer.json().value("code", "") + " " +
           (answer.json().contains("errors") ? answer.json()["errors"][0].value("pointer", "")
                                             : std::string());
  }

  static std::unique_ptr<ServerProcess> server_;
  std::optional<HttpSession> http_ = server_->session();
};
std::unique_ptr<ServerProcess> WorkflowTest::server_;

TEST_F(WorkflowTest, IsDefinedInVersionsAndStartedByName) {
  const HttpResult first = http_->post("/v1/workflows", kCovers);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json()["version"], 1);
  const HttpResult again = http_->post("/v1/workflows", kCovers);
  EXPECT_EQ(again.status, 200) << "the same again";
  EXPECT_EQ(again.json(), first.json());
  EXPECT_EQ(http_->get("/v1/workflows/covers").json()["spec"]["steps"].size(), 2u);
  EXPECT_EQ(http_->get("/v1/workflows/covers/versions/1").status, 200);
  EXPECT_EQ(http_->get("/v1/workflows/covers/versions/2").status, 404);
  EXPECT_EQ(http_->get("/v1/workflows").json()["items"][0]["name"], "covers");

  const std::string run_id =
      start(*http_, R"({"workflow":"covers","input":{"titles":["猫","dog","owl"]}})");
  const Json done = wait_for(run_id, "succeeded");
  EXPECT_EQ(done["workflow"]["version"], 1);
  EXPECT_EQ(done["tasks"].size(), 5u) << "the group, its three and the sheet";
  EXPECT_EQ(done["resources"].size(), 4u);
  EXPECT_EQ(done["output"]["covers"].size(), 3u);
  EXPECT_EQ(http_->get("/v1/runs?workflow=covers&status=succeeded").json()["items"].size(), 1u);
}

TEST_F(WorkflowTest, RefusesWhatCouldNotRunAndSaysWhere) {
  const auto refused = [&](const std::string& body) {
    const HttpResult answer = http_->post("/v1/runs", body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return problem(answer);
  };
  const std::uint64_t before = http_->get("/v1/meta").json()["head_offset"];
  EXPECT_EQ(refused(R"({"spec":{"steps":[{"id":"a","task":"nothing"}]}})"),
            "unknown_task_type /spec/steps/0/task");
  EXPECT_EQ(refused(R"({"spec":{"steps":[{"id":"a","task":"image","input":{"prompt":7}}]}})"),
            "schema_violation /spec/steps/0/input/prompt");
  EXPECT_EQ(refused(R"({"spec":{"steps":[{"id":"a","task":"image","needs":["b"]}]}})"),
            "invalid_spec /spec/steps/0/needs/0");
  EXPECT_EQ(refused(R"({"spec":{"steps":[{"id":"a","workflow":"nothing"}]}})"),
            "unknown_workflow /spec/steps/0/workflow");
  EXPECT_EQ(refused(R"({"workflow":"nothing"})"), "unknown_workflow /workflow");
  EXPECT_EQ(refused(R"({"spec":{"steps":[{"id":"a","task":"image","input":{"prompt":"x"},
                        "approval":{"roles":[]}}]}})"),
            "invalid_spec /spec/steps/0/approval/roles");
  EXPECT_EQ(refused(R"({"task":"image","workflow":"covers"})"), "invalid_request /task");
  EXPECT_EQ(refused(R"({"task":"image","input":{"prompt":"x"},"start_at":"soon"})"),
            "invalid_request /start_at");
  EXPECT_EQ(refused(R"({"task":"image","input":{"prompt":"x"},"concurrency":{"key":""}})"),
            "invalid_request /concurrency/key");
  EXPECT_EQ(http_->get("/v1/meta").json()["head_offset"], before) << "nothing is recorded";
}

TEST_F(WorkflowTest, TellsAnArchivedWorkflowFromAMissingVersion) {
  const std::string steps = R"("steps":[{"id":"s","task":"image","input":{"prompt":"x"}}]})";
  const HttpResult first = http_->post("/v1/workflows", R"({"name":"old",)" + steps);
  ASSERT_EQ(first.status, 201) << first.body;
  const HttpResult described =
      http_->post("/v1/workflows", R"({"name":"old","description":"Old",)" + steps);
  EXPECT_EQ(described.status, 201);
  EXPECT_EQ(described.json()["version"], 2) << "another description is another version";
  EXPECT_EQ(http_->get("/v1/workflows/old").json()["description"], "Old");
  const auto start_version = [&](const std::string& version) {
    return problem(http_->post("/v1/runs", R"({"workflow":"old","version":)" + version + "}"));
  };
  EXPECT_EQ(start_version("3"), "unknown_workflow_version /version");
  EXPECT_EQ(start_version("0"), "unknown_workflow_version /version");
  EXPECT_EQ(start_version("4294967297"), "unknown_workflow_version /version");
  EXPECT_EQ(http_->request("DELETE", "/v1/workflows/old", "", {}).status, 200);
  EXPECT_EQ(start_version("1"), "workflow_archived /workflow");
  EXPECT_EQ(problem(http_->post("/v1/runs", R"({"spec":{"steps":[{"id":"a","workflow":"old"}]}})")),
            "workflow_archived /spec/steps/0/workflow");
  const HttpResult schedule =
      http_->post("/v1/schedules", R"({"workflow":"old","cron":"0 3 * * *"})");
  EXPECT_EQ(schedule.status, 404);
  EXPECT_NE(schedule.json()["detail"].get<std::string>().find("archived"), std::string::npos);
}

TEST_F(WorkflowTest, WaitsForAnApprovalOfExactlyWhatThePersonSaw) {
  const std::string run_id = start(*http_, kApproved);
  const Json waiting = run(run_id);
  EXPECT_EQ(waiting["status"], "paused");
  EXPECT_EQ(waiting["pause_reason"], "approval");
  const Json why = http_->get("/v1/runs/" + run_id + "/why").json();
  EXPECT_EQ(why["waits"][0]["reason"], "approval");
  EXPECT_EQ(why["waits"][0]["movers"][0], "reviewer");
  EXPECT_FALSE(why["waits"][0]["until"].is_null());

  const std::string task = waiting["tasks"][0]["task_id"];
  const Json question = http_->get("/v1/tasks/" + task).json()["question"];
  EXPECT_EQ(question["body"]["prompt"], "x");
  EXPECT_EQ(question["content_sha256"], core::sha256_hex(question["body"].dump()));
  const std::string answer =
      R"({"content_sha256":")" + question["content_sha256"].get<std::string>() + R"("})";
  const std::string wrong = R"({"content_sha256":")" + std::string(64, '0') + R"("})";
  HttpSession submitter = as("sue", R"(["submitter"])");
  EXPECT_EQ(submitter.post("/v1/tasks/" + task + "/approve", answer).status, 404);
  HttpSession reviewer = as("rita", R"(["reviewer"])");
  EXPECT_EQ(reviewer.post("/v1/tasks/" + task + "/approve", wrong).status, 409);
  EXPECT_EQ(problem(reviewer.post("/v1/tasks/" + task + "/approve", "{}")),
            "invalid_request /content_sha256");
  for (const char* none : {"abc", "", "0x"}) {
    const std::string body = R"({"content_sha256":")" + std::string(none) + R"("})";
    EXPECT_EQ(reviewer.post("/v1/tasks/" + task + "/reject", body).status, 400) << none;
  }
  EXPECT_EQ(reviewer.post("/v1/runs/" + run_id + "/cancel", "{}").status, 403);
  EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/resume", "{}").status, 409);
  EXPECT_EQ(reviewer.post("/v1/tasks/" + task + "/approve", answer).status, 202);
  const HttpResult late = reviewer.post("/v1/tasks/" + task + "/reject", answer);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.json()["winner"]["by"], "user:rita");
  EXPECT_EQ(late.json()["winner"]["decision"], "task.approved");
  wait_for(run_id, "succeeded");
  EXPECT_EQ(http_->get("/v1/runs/" + run_id + "/why").json()["waits"].size(), 0u);
}

TEST_F(WorkflowTest, WaitsThroughAKillOfTheServer) {
  const std::string run_id = start(*http_, kApproved);
  const std::string task = run(run_id)["tasks"][0]["task_id"];
  const std::string sha = run(run_id)["tasks"][0]["question"]["content_sha256"];
  server_->kill_now();
  server_->start();
  http_.emplace(server_->session());
  EXPECT_EQ(run(run_id)["pause_reason"], "approval");
  EXPECT_EQ(http_->post("/v1/tasks/" + task + "/approve", R"({"content_sha256":")" + sha + R"("})")
                .status,
            202);
  wait_for(run_id, "succeeded");
}

TEST_F(WorkflowTest, IsPausedAndResumedByHandOnce) {
  const std::string run_id = start(
      *http_, R"({"task":"image","input":{"prompt":"x"},"start_at":")" + in_an_hour() + R"("})");
  EXPECT_EQ(run(run_id)["status"], "pending");
  EXPECT_EQ(http_->get("/v1/runs/" + run_id + "/why").json()["waits"][0]["reason"], "start_time");
  EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);

  const std::string large =
      start(*http_, R"({"task":"image","input":{"prompt":"large","width":2400,"height":2400}})");
  EXPECT_EQ(http_->post("/v1/runs/" + large + "/pause", "{}").status, 202);
  EXPECT_EQ(run(large)["pause_reason"], "manual");
  const std::uint64_t version = run(large)["version"];
  const std::string body = R"({"expected_version":)" + std::to_string(version) + "}";
  EXPECT_EQ(http_->post("/v1/runs/" + large + "/resume", body).status, 202);
  EXPECT_EQ(http_->post("/v1/runs/" + large + "/resume", body).status, 409);
  const HttpResult retried = http_->post("/v1/runs/" + large + "/retry", R"({"from_step":"no"})");
  EXPECT_EQ(retried.status, 422);
  EXPECT_EQ(problem(retried), "unknown_step /from_step");
  wait_for(large, "succeeded");
}

TEST_F(WorkflowTest, QueuesBehindItsConcurrencyKey) {
  const std::string body = R"({"task":"image","input":{"prompt":"x","width":1500,"height":1500},)"
                           R"("concurrency":{"key":"alice/ws-1","on_conflict":)";
  const std::string first = start(*http_, body + R"("queue"}})");
  const std::string second = start(*http_, body + R"("queue"}})");
  const HttpResult refused = http_->post("/v1/runs", body + R"("reject"}})");
  EXPECT_EQ(refused.status, 409);
  const Json winner = refused.json()["winner"];
  EXPECT_EQ(winner["run_id"], first);
  EXPECT_EQ(winner["by"], "user:admin");
  EXPECT_TRUE(winner["offset"].is_number());
  const HttpResult unseen = as("sue", R"(["submitter"])").post("/v1/runs", body + R"("reject"}})");
  EXPECT_EQ(unseen.status, 409);
  EXPECT_FALSE(unseen.json().contains("winner"));
  EXPECT_EQ(unseen.body.find(first), std::string::npos) << "another user's run: " << unseen.body;
  wait_for(first, "succeeded");
  wait_for(second, "succeeded");
}

TEST_F(WorkflowTest, IsListedByLabelStatusAndTime) {
  HttpSession olga = as("olga", R"(["operator"])");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(start(*http_, kApproved));
  const auto list = [&](const std::string& query) {
    std::vector<std::string> found;
    const Json page = olga.get("/v1/runs?" + query).json();
    for (const Json& item : page["items"]) found.push_back(item["run_id"]);
    return found;
  };
  const auto first = list("label=conversation_id:77&status=paused&limit=2");
  ASSERT_EQ(first, (std::vector{ids[2], ids[1]}));
  // What changes in between changes no place in the order.
  EXPECT_EQ(http_->post("/v1/runs/" + ids[1] + "/cancel", "{}").status, 202);
  EXPECT_EQ(list("label=conversation_id:77&status=paused&limit=1&cursor=" + ids[1]),
            (std::vector{ids[0]}));
  EXPECT_TRUE(list("label=conversation_id:77&created_after=2100-01-01T00:00:00Z").empty());
  EXPECT_EQ(olga.get("/v1/runs?created_after=yesterday").status, 400);
}

TEST_F(WorkflowTest, IsStartedByASchedule) {
  http_->post("/v1/workflows", kCovers);
  ASSERT_EQ(http_
                ->post("/v1/workflows",
                       R"({"name":"nightly","steps":[{"id":"s","task":"image",
                           "input":{"prompt":"x","width":64,"height":64}}]})")
                .status,
            201);
  const auto define = [&](const std::string& rest) {
    return http_->post("/v1/schedules", R"({"workflow":"nightly",)" + rest + "}");
  };
  EXPECT_EQ(define(R"("cron":"61 * * * *")").status, 400);
  EXPECT_EQ(define(R"("cron":"0 3 * * *","time_zone":"Moon/Base")").status, 400);
  EXPECT_EQ(http_->post("/v1/schedules", "{}").json()["errors"].size(), 2u) << "workflow, cron";
  const HttpResult bare =
      http_->post("/v1/schedules", R"({"workflow":"covers","cron":"0 3 * * *"})");
  EXPECT_EQ(problem(bare), "invalid_request /input");
  EXPECT_EQ(bare.json()["detail"].get<std::string>().find(": :"), std::string::npos) << bare.body;
  const HttpResult made = define(R"("cron":"0 3 * * *","time_zone":"Europe/Berlin")");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = made.json()["schedule_id"];
  EXPECT_EQ(http_->get("/v1/schedules").json()["items"][0]["time_zone"], "Europe/Berlin");
  EXPECT_EQ(http_->request("DELETE", "/v1/schedules/" + id, "", {}).status, 200);
  EXPECT_EQ(http_->request("DELETE", "/v1/schedules/" + id, "", {}).status, 404);
  EXPECT_EQ(http_->request("DELETE", "/v1/workflows/nightly", "", {}).status, 200);
  EXPECT_EQ(http_->post("/v1/runs", R"({"workflow":"nightly"})").status, 400);
}

TEST_F(WorkflowTest, OfAnotherSaysInWhichRunAPersonIsWaitedForAndIsPausedWithIt) {
  const std::string approved = R"({"name":"checked","steps":[{"id":"draw","task":"image",
      "input":{"prompt":"x","width":64,"height":64},"approval":{"roles":["reviewer"]}}]})";
  ASSERT_EQ(http_->post("/v1/workflows", approved).status, 201);
  const std::string above =
      start(*http_, R"({"spec":{"steps":[{"id":"call","workflow":"checked"}]}})");
  const Json why = http_->get("/v1/runs/" + above + "/why").json();
  const Json wait = why["waits"][0];
  EXPECT_EQ(wait["reason"], "sub_workflow");
  EXPECT_EQ(wait["movers"], Json::array({"reviewer"}));
  const std::string below = wait["child_run_id"];
  EXPECT_EQ(wait["below"]["run_id"], below);
  EXPECT_EQ(wait["below"]["waits"][0]["reason"], "approval");
  EXPECT_EQ(wait["below"]["waits"][0]["step"], "draw");

  EXPECT_EQ(http_->post("/v1/runs/" + above + "/pause", "{}").status, 202);
  EXPECT_EQ(run(below)["pause_reason"], "parent");
  EXPECT_EQ(http_->post("/v1/runs/" + below + "/resume", "{}").status, 409);
  EXPECT_EQ(http_->post("/v1/runs/" + above + "/resume", "{}").status, 202);
  EXPECT_EQ(run(below)["pause_reason"], "approval");
  EXPECT_EQ(http_->post("/v1/runs/" + above + "/cancel", "{}").status, 202);
}

TEST_F(WorkflowTest, ThatHasEndedIsRetriedAsANewRun) {
  const std::string old_id = start(*http_, R"({"spec":{"input_schema":{"required":["p"]},"steps":[
      {"id":"one","task":"image","input":{"prompt":"${run.input.p}","width":64,"height":64}},
      {"id":"two","task":"image","input":{"prompt":"${steps.one.output.none}"},"on_error":"fail"}]},
    "input":{"p":"x"},"labels":{"conversation_id":"78"}})");
  wait_for(old_id, "failed");
  const auto retry = [&](const std::string& body, const std::string& key = "") {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
    return http_->request("POST", "/v1/runs/" + old_id + "/retry", body, headers);
  };
  EXPECT_EQ(problem(retry(R"({"input":{}})")), "schema_violation /input");
  EXPECT_EQ(problem(retry(R"({"input":{"p":"y"},"from_step":"two"})")), "invalid_request /input");
  EXPECT_EQ(problem(retry(R"({"input":7})")), "invalid_request /input");
  EXPECT_EQ(retry(R"({"from_step":"none"})").status, 422);

  const HttpResult made = retry(R"({"from_step":"two"})", "again-1");
  ASSERT_EQ(made.status, 202) << made.body;
  const std::string new_id = made.json()["run_id"];
  EXPECT_NE(new_id, old_id);
  EXPECT_EQ(made.headers.at("location"), "/v1/runs/" + new_id);
  const HttpResult same = retry(R"({"from_step":"two"})", "again-1");
  EXPECT_EQ(same.json()["run_id"], new_id);
  EXPECT_EQ(same.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(retry("{}", "again-1").status, 422) << "another request";

  const Json again = wait_for(new_id, "failed");
  EXPECT_EQ(again["retry_of"], old_id);
  EXPECT_EQ(again["labels"]["conversation_id"], "78");
  EXPECT_EQ(again["tasks"][0]["status"], "succeeded");
  EXPECT_EQ(again["tasks"][0]["attempts"].size(), 0u) << "it was not done again";
  EXPECT_EQ(again["tasks"][0]["reused_from"], run(old_id)["tasks"][0]["task_id"]);
}

}  // namespace
}  // namespace runledger::e2e
