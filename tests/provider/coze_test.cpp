// The workflow runs of the stand-in, without faults.
#include <gtest/gtest.h>

#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using e2e::HttpResult;
using e2e::HttpSession;
using Json = nlohmann::ordered_json;

std::string run_body(const std::string& workflow) {
  return Json{{"workflow_id", workflow}, {"parameters", {{"topic", "x"}}}, {"is_async", true}}
      .dump();
}

HttpResult submit(HttpSession& session, const std::string& workflow, const std::string& key = "") {
  HttpSession::Headers headers;
  if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
  return session.post("/v1/workflow/run", run_body(workflow), headers);
}

Json history(HttpSession& session, const std::string& workflow, const std::string& id) {
  const Json answer = session.get("/v1/workflows/" + workflow + "/run_histories/" + id).json();
  return answer.contains("data") ? answer["data"][0] : answer;
}

std::string path_of_result(const Json& run) {
  const Json output = Json::parse(run["output"].get<std::string>());
  const Json result = Json::parse(output["Output"].get<std::string>());
  const std::string url = result["url"];
  return url.substr(url.find("/files/"));
}

TEST(CozeStandIn, RunsUntilItsTimeIsOver) {
  ProviderProcess provider({"--job-ms", "600000"});
  HttpSession session = provider.session();
  const Json submitted = submit(session, "cover").json();
  EXPECT_EQ(submitted["code"], 0);
  const Json run = history(session, "cover", submitted["execute_id"]);
  EXPECT_EQ(run["execute_id"], submitted["execute_id"]);
  EXPECT_EQ(run["execute_status"], "Running");
  EXPECT_EQ(run["output"], "");
}

TEST(CozeStandIn, GivesAPicture) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const Json run = history(session, "cover", submit(session, "cover").json()["execute_id"]);
  EXPECT_EQ(run["execute_status"], "Success");
  const HttpResult file = provider.session("").get(path_of_result(run));
  EXPECT_EQ(file.headers.at("content-type"), "image/png");
  EXPECT_TRUE(file.body.starts_with("\x89PNG\r\n\x1a\n"));
}

TEST(CozeStandIn, GivesAVideo) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const Json run = history(session, "a_video", submit(session, "a_video").json()["execute_id"]);
  EXPECT_EQ(run["execute_status"], "Success");
  const HttpResult file = session.get(path_of_result(run));
  EXPECT_EQ(file.headers.at("content-type"), "video/mp4");
  EXPECT_EQ(file.body.substr(4, 4), "ftyp");
}

TEST(CozeStandIn, HasOneJobForAKey) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const HttpResult first = submit(session, "cover", "k&1");
  const HttpResult again = submit(session, "cover", "k&1");
  EXPECT_EQ(again.json()["execute_id"], first.json()["execute_id"]);
  EXPECT_FALSE(first.headers.contains("idempotency-replayed"));
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(submit(session, "another", "k&1").status, 422);
  const Json found = session.get("/v1/workflow/run?idempotency_key=k%261").json();
  EXPECT_EQ(found["execute_id"], first.json()["execute_id"]);
  EXPECT_EQ(session.get("/v1/workflow/run?idempotency_key=k2").json()["code"], 4200);
  EXPECT_EQ(provider.counters()["jobs"], 1);
  EXPECT_NE(submit(session, "cover").json()["execute_id"], first.json()["execute_id"]);
}

TEST(CozeStandIn, CancelsARun) {
  ProviderProcess provider({"--job-ms", "600000"});
  HttpSession session = provider.session();
  const std::string id = submit(session, "cover").json()["execute_id"];
  const std::string body = Json{{"workflow_id", "cover"}, {"execute_id", id}}.dump();
  EXPECT_EQ(session.post("/v1/workflow/cancel", body).json()["code"], 0);
  const Json run = history(session, "cover", id);
  EXPECT_EQ(run["execute_status"], "Fail");
  EXPECT_EQ(run["error_message"], "The run was canceled");
  EXPECT_EQ(session.post("/v1/workflow/cancel", body).json()["code"], 0);
  EXPECT_EQ(provider.counters()["cancels"], 1);
}

TEST(CozeStandIn, RefusesWhatIsNotAnAsynchronousRun) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  for (const char* body : {"", "[]", "{}", R"({"workflow_id":1,"is_async":true})",
                           R"({"workflow_id":"w"})", R"({"workflow_id":"w","is_async":false})",
                           R"({"workflow_id":"w","parameters":[],"is_async":true})"}) {
    EXPECT_EQ(session.post("/v1/workflow/run", body).json()["code"], 4000) << body;
  }
  EXPECT_EQ(provider.counters()["jobs"], 0);
  EXPECT_EQ(provider.session("").get("/v1/workflow/run?idempotency_key=k").status, 401);
}

TEST(CozeStandIn, DoesNotKnowTheRunOfAnotherWorkflow) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const std::string id = submit(session, "cover").json()["execute_id"];
  EXPECT_EQ(history(session, "another", id)["code"], 4200);
  EXPECT_EQ(history(session, "cover", "1")["code"], 4200);
  EXPECT_EQ(session.post("/v1/workflow/cancel", R"({"execute_id":"1"})").json()["code"], 4200);
}

}  // namespace
}  // namespace runledger::provider::testing
