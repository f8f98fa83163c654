// Two tenants on one server: for each, the other's ids do not exist.
#include <gtest/gtest.h>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override { server_.start(); }

  std::string token(const std::string& tenant, const std::string& user, const std::string& roles) {
    const Finished made =
        server_.run({"token", "create", "--tenant", tenant, "--user", user, "--role", roles});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.out.substr(0, made.out.find('\n'));
  }
  ServerProcess server_;
};

TEST_F(AccessTest, KeepsTenantsUsersAndRolesApart) {
  HttpSession alice = server_.session(token("acme", "alice", "viewer,submitter"));
  HttpSession bob = server_.session(token("acme", "bob", "viewer,submitter"));
  HttpSession eve = server_.session(token("umbrella", "alice", "viewer,submitter"));
  HttpSession viewer = server_.session(token("acme", "alice", "viewer"));
  HttpSession worker = server_.session(token("acme", "w", "worker"));
  const std::string body = R"({"task":"image","input":{"prompt":"x","width":16,"height":16}})";
  const std::string run_id = alice.post("/v1/runs", body).json()["run_id"];
  const std::string path = "/v1/runs/" + run_id;
  Json page;
  do {
    page = alice.get(path + "/events?wait=10&from=0").json();
  } while (page["status"] == "pending" || page["status"] == "running");
  const std::string content = alice.get(path).json()["resources"][0]["url"];

  EXPECT_EQ(viewer.get(path).status, 200);
  EXPECT_EQ(viewer.post("/v1/runs", body).status, 403);
  EXPECT_EQ(worker.get(path).status, 403);
  EXPECT_EQ(alice.post("/v1/tokens", "{}").status, 403);
  for (HttpSession* stranger : {&bob, &eve}) {
    for (const std::string& target : {path, path + "/events", content}) {
      EXPECT_EQ(stranger->get(target).status, 404) << target;
    }
    EXPECT_EQ(stranger->post(path + "/cancel", "").status, 404);
    EXPECT_TRUE(stranger->get("/v1/runs").json()["items"].empty());
    EXPECT_TRUE(stranger->get("/v1/events").json()["events"].empty());
  }
  EXPECT_EQ(server_.session().get(path).status, 200) << "an admin sees all";
}

TEST_F(AccessTest, MakesATokenWhileNoServerRuns) {
  const std::vector<std::string> command = {"token",    "create", "--data", server_.data().string(),
                                            "--tenant", "acme",   "--user", "alice",
                                            "--role",   "viewer"};
  EXPECT_EQ(server_.run(command).exit_code, 73) << "the server has the directory";
  EXPECT_EQ(server_.stop(), 0);
  const Finished made = server_.run(command);
  EXPECT_EQ(made.exit_code, 0) << made.err;
  server_.start();
  const std::string secret = made.out.substr(0, made.out.find('\n'));
  EXPECT_EQ(server_.session(secret).get("/v1/runs").status, 200);
}

TEST_F(AccessTest, KeepsTokensOverARestartAndTheirSecretsOutOfTheLog) {
  const std::string secret = token("acme", "alice", "viewer");
  EXPECT_EQ(server_.session(secret).get("/v1/runs").status, 200);
  EXPECT_EQ(server_.stop(), 0);
  server_.start();
  EXPECT_EQ(server_.session(secret).get("/v1/runs").status, 200);
  const Finished shown = server_.run({"log", "show", server_.data().string(), "sys/access"});
  EXPECT_NE(shown.out.find("token.created"), std::string::npos);
  EXPECT_EQ(shown.out.find(secret), std::string::npos);
  EXPECT_EQ(shown.out.find(server_.admin_token()), std::string::npos);
  EXPECT_EQ(server_.log().find(secret), std::string::npos);
}

}  // namespace
}  // namespace runledger::e2e
