// What one run has made as the input of another: for the same owner, and for nobody else.
#include <gmock/gmock.h>

#include <optional>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

using ::testing::HasSubstr;

class ResourceInput : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.start({1, {"--plugins", RUNLEDGER_JOURNAL_PLUGINS}, true});
    alice_.emplace(server_.session(token("acme", "alice", "submitter,viewer")));
    bob_.emplace(server_.session(token("acme", "bob", "submitter,viewer")));
    carol_.emplace(server_.session(token("other", "carol", "submitter,viewer")));
  }
  std::string token(const std::string& tenant, const std::string& user, const std::string& roles) {
    const auto made =
        server_.run({"token", "create", "--tenant", tenant, "--user", user, "--role", roles});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.out.substr(0, made.out.find('\n'));
  }
  // A task without retries, to its end.
  Json run(HttpSession& http, const std::string& call) {
    const Json input = {{"file", (server_.directory() / "journal").string()}, {"calls", {call}}};
    const Json step = {{"id", "it"}, {"task", "journal"}, {"input", input}, {"on_error", "fail"}};
    const auto made = http.post("/v1/runs", Json{{"spec", {{"steps", {step}}}}}.dump());
    EXPECT_EQ(made.status, 202) << made.body;
    const std::string id = made.json().value("run_id", "");
    for (std::uint64_t from = 0;;) {
      const Json page =
          http.get("/v1/runs/" + id + "/events?wait=10&from=" + std::to_string(from)).json();
      from = page["next_offset"];
      if (page["status"] == "succeeded" || page["status"] == "failed") {
        return http.get("/v1/runs/" + id).json();
      }
    }
  }
  std::string stored_by_alice() {
    const Json run_of_alice = run(*alice_, "store:only for alice");
    return run_of_alice["resources"][0].value("resource_id", "");
  }

  ServerProcess server_;
  std::optional<HttpSession> alice_;
  std::optional<HttpSession> bob_;
  std::optional<HttpSession> carol_;
};

TEST_F(ResourceInput, IsReadByALaterRunOfTheSameOwner) {
  const Json read = run(*alice_, "read:" + stored_by_alice());
  ASSERT_EQ(read["status"], "succeeded") << read.dump();
  const Json result = read["tasks"][0]["output"]["results"][0];
  EXPECT_EQ(result["text"], "only for alice");
  EXPECT_EQ(result["media_type"], "text/plain");
}

TEST_F(ResourceInput, IsNotThereForAnybodyElse) {
  const std::string id = stored_by_alice();
  const Json none = run(*carol_, "read:res_00000000000000000000000000");
  for (HttpSession* other : {&*bob_, &*carol_}) {
    const Json read = run(*other, "read:" + id);
    EXPECT_EQ(read["status"], "failed");
    EXPECT_EQ(read["error"]["code"], "resource_invalid") << read.dump();
    EXPECT_THAT(read.dump(), HasSubstr("There is no resource " + id));
  }
  EXPECT_EQ(none["error"]["code"], "resource_invalid");
}

TEST_F(ResourceInput, IsNoPathOfTheServer) {
  for (const std::string trick : {"../../../healthz", "res_1/../../x", "res_1?x=1", "%2e%2e"}) {
    const Json read = run(*alice_, "read:" + trick);
    EXPECT_EQ(read["error"]["code"], "resource_invalid") << read.dump();
    EXPECT_THAT(read.dump(), HasSubstr("not the id of a resource"));
  }
}

TEST_F(ResourceInput, NeedsALeaseAndAWorkersToken) {
  const std::string id = stored_by_alice();
  const Json made = run(*alice_, "step:done");
  const std::string target =
      "/v1/worker/tasks/" + made["tasks"][0].value("task_id", "") + "/resources/" + id + "/content";
  EXPECT_EQ(alice_->get(target).status, 403);
  HttpSession worker = server_.session(token("acme", "w", "worker"));
  const auto refused = worker.get(target);  // the task has ended
  EXPECT_EQ(refused.status, 404) << refused.body;
}

}  // namespace
}  // namespace runledger::e2e
