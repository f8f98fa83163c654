// Videos of the provider `coze`, with the real server, its worker and plugin, and the stand-in.
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/e2e/server_process.h"
#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using e2e::HttpResult;
using e2e::HttpSession;
using e2e::Json;

class CozeVideo : public ::testing::Test {
 protected:
  CozeVideo() : CozeVideo("300") {}
  explicit CozeVideo(const std::string& job_ms)
      : provider_({"--job-ms", job_ms, "--token", kToken}) {
    const std::string variable = "RUNLEDGER_COZE_URL";
    server_.start({.more = {"--plugins", RUNLEDGER_PLUGINS, "--plugin-env", variable,
                            "--credential", "coze=" + provider_.url() + ",env:COZE_TOKEN",
                            "--allow-endpoint", provider_.url().substr(sizeof "http://" - 1)},
                   .environment = {variable + "=" + provider_.url() + "/",
                                   std::string("COZE_TOKEN=") + kToken}});
    http_.emplace(server_.session());
  }

  std::string submit() {
    const Json input = {
        {"provider", "coze"}, {"workflow_id", "a_video"}, {"parameters", {{"topic", "memory"}}}};
    const HttpResult made =
        http_->post("/v1/runs", Json{{"task", "video"}, {"input", input}}.dump());
    EXPECT_EQ(made.status, 202) << made.body;
    return made.json().value("run_id", "");
  }

  Json run(const std::string& run_id) { return http_->get("/v1/runs/" + run_id).json(); }

  // Holds at the server, from news to news.
  template <typename Predicate>
  Json wait_for(const std::string& run_id, Predicate&& is_there) {
    for (std::uint64_t from = 0;;) {
      const std::string page = "/events?wait=10&from=" + std::to_string(from);
      from = http_->get("/v1/runs/" + run_id + page).json()["next_offset"];
      const Json found = run(run_id);
      const std::string status = found["status"];
      const bool ended = status == "succeeded" || status == "failed" || status == "canceled";
      if (ended || status == "paused" || is_there(found)) return found;
    }
  }
  Json wait_until_it_stands(const std::string& run_id) {
    return wait_for(run_id, [](const Json&) { return false; });
  }

  void expect_one_job() const {
    const auto counters = provider_.counters();
    EXPECT_EQ(counters["jobs"], 1);
    ASSERT_EQ(counters["submissions"].size(), 1u);
    EXPECT_EQ(counters["submissions"].begin().value(), 1);
    EXPECT_NE(counters["submissions"].begin().key(), "");
  }

  // The run and its resource have failed, each with this error.
  void expect_failure(const std::string& code) {
    const Json ended = wait_until_it_stands(submit());
    EXPECT_EQ(ended["status"], "failed") << ended;
    EXPECT_EQ(ended["error"]["code"], code) << ended;
    ASSERT_EQ(ended["resources"].size(), 1u) << ended;
    const std::string id = ended["resources"][0]["resource_id"];
    const Json resource = http_->get("/v1/resources/" + id).json();
    EXPECT_EQ(resource["status"], "failed") << resource;
    EXPECT_FALSE(resource["error"]["message"].get<std::string>().empty()) << resource;
  }

  void fault(const std::string& members) const {
    ASSERT_TRUE(provider_.fault("{" + members + "}")) << members;
  }

  ProviderProcess provider_;
  e2e::ServerProcess server_;
  std::optional<HttpSession> http_;
};

class LongCozeVideo : public CozeVideo {
 protected:
  LongCozeVideo() : CozeVideo("600000") {}
};

TEST_F(CozeVideo, IsWhatTheProviderMade) {
  const Json ended = wait_until_it_stands(submit());
  ASSERT_EQ(ended["status"], "succeeded") << ended;
  const Json output = ended["tasks"][0]["output"];
  const std::string id = output["resource_id"];
  const HttpResult content = http_->get("/v1/resources/" + id + "/content");
  EXPECT_EQ(content.headers.at("content-type"), "video/mp4");
  EXPECT_EQ(content.body, provider_.session().get("/files/clip.mp4").body);
  EXPECT_EQ(http_->get("/v1/resources/" + id).json()["status"], "succeeded");
  EXPECT_FALSE(output["execute_id"].get<std::string>().empty());
  expect_one_job();
}

TEST_F(CozeVideo, IsOrderedOnceWhenTheAnswerIsLost) {
  fault(R"("endpoint":"run","fault":"drop")");
  const Json ended = wait_until_it_stands(submit());
  EXPECT_EQ(ended["status"], "succeeded") << ended;
  expect_one_job();
  EXPECT_EQ(provider_.counters()["requests"]["find"], 1);
}

TEST_F(CozeVideo, OutlivesAProviderThatStumbles) {
  fault(R"("endpoint":"history","fault":"status","status":500)");
  fault(R"("endpoint":"history","fault":"bad_json")");
  const Json ended = wait_until_it_stands(submit());
  EXPECT_EQ(ended["status"], "succeeded") << ended;
  expect_one_job();
}

TEST_F(CozeVideo, FailsWithTheProvidersWords) {
  fault(R"("endpoint":"run","fault":"fail","message":"Out of paint")");
  const Json ended = wait_until_it_stands(submit());
  EXPECT_EQ(ended["error"]["code"], "provider_failed") << ended;
  EXPECT_NE(ended["error"]["message"].get<std::string>().find("Out of paint"), std::string::npos);
}

TEST_F(CozeVideo, FailsWithoutAUrl) {
  fault(R"("endpoint":"history","fault":"no_url","requests":100)");
  expect_failure("provider_gave_no_url");
}

TEST_F(CozeVideo, FailsAtAnUnknownStatus) {
  fault(R"("endpoint":"history","fault":"unknown_status","requests":100)");
  expect_failure("provider_answer_unknown");
}

TEST_F(CozeVideo, FailsWhereTheProviderForgetsTheRun) {
  fault(R"("endpoint":"run","fault":"unknown_id")");
  expect_failure("provider_run_unknown");
}

TEST_F(CozeVideo, FailsWhereTheResultIsAtAnotherPrivateAddress) {
  fault(R"("endpoint":"history","fault":"dead_host","requests":100)");
  expect_failure("address_refused");
}

TEST_F(CozeVideo, DoesNotTellTheCredentialThatAProviderEchoes) {
  fault(R"("endpoint":"run","fault":"echo_credential")");
  const std::string run_id = submit();
  const Json ended = wait_until_it_stands(run_id);
  EXPECT_EQ(ended["error"]["code"], "bad_status") << ended;
  const std::string events = http_->get("/v1/runs/" + run_id + "/events?limit=500").body;
  EXPECT_EQ(events.find(kToken), std::string::npos) << events;
  EXPECT_EQ(server_.log().find(kToken), std::string::npos);
}

TEST_F(CozeVideo, RefusesInputsThatMixProviders) {
  for (const char* input : {R"({"provider":"coze"})", R"({"workflow_id":"w"})",
                            R"({"provider":"coze","workflow_id":"w","captions":["a"]})",
                            R"({"provider":"local","captions":["a"],"parameters":{}})",
                            R"({"provider":"another","workflow_id":"w"})"}) {
    const std::string body = R"({"task":"video","input":)" + std::string(input) + "}";
    EXPECT_EQ(http_->post("/v1/runs", body).status, 400) << body;
  }
}

TEST_F(LongCozeVideo, IsCanceledAtTheProvider) {
  const std::string run_id = submit();
  const Json begun = wait_for(run_id, [](const Json& run) { return !run["resources"].empty(); });
  EXPECT_EQ(begun["resources"][0]["status"], "running") << begun;
  EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);
  EXPECT_EQ(wait_until_it_stands(run_id)["status"], "canceled");
  while (provider_.counters()["requests"]["cancel"] == 0) std::this_thread::yield();
  EXPECT_EQ(provider_.counters()["cancels"], 1);
}

}  // namespace
}  // namespace runledger::provider::testing
