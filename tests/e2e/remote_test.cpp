// Jobs at other people's servers, with the real server, workers and a plugin whose courier keeps a
// line for each parcel that it was handed.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <optional>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

namespace fs = std::filesystem;

struct Order {
  std::string moment;  // at which it hangs, once
  bool find = false;
  fs::path dir;
  std::string run_id = {};
};

class RemoteTest : public ::testing::Test {
 protected:
  void start(int workers = 1) {
    server_.start({workers, {"--plugins", RUNLEDGER_REMOTE_PLUGINS}, true});
    http_.emplace(server_.session());
  }
  std::string token(const std::string& user, const std::string& roles) {
    const Finished made =
        server_.run({"token", "create", "--tenant", "acme", "--user", user, "--role", roles});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.out.substr(0, made.out.find('\n'));
  }
  fs::path new_directory(const std::string& name) {
    const fs::path dir = server_.directory() / name;
    fs::create_directory(dir);
    return dir;
  }
  std::string submit(const std::string& task, const Json& input,
                     const Json& more = Json::object()) {
    Json body = {{"task", task}, {"input", input}};
    body.update(more);
    const HttpResult made = http_->post("/v1/runs", body.dump());
    EXPECT_EQ(made.status, 202) << made.body;
    return made.json().value("run_id", "");
  }
  Json run(const std::string& run_id) { return http_->get("/v1/runs/" + run_id).json(); }
  Json task(const std::string& run_id) { return run(run_id)["tasks"][0]; }
  std::vector<Json> events(const std::string& run_id, const std::string& type) {
    std::vector<Json> found;
    const Json page = http_->get("/v1/runs/" + run_id + "/events?limit=500").json();
    for (const Json& event : page["events"]) {
      if (event["type"] == type) found.push_back(event);
    }
    return found;
  }
  // Holds at the server until the run's log has such an event, or it stands still.
  void wait_for_event(const std::string& run_id, const std::string& type) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      from = page["next_offset"];
      for (const Json& event : page["events"]) {
        if (event["type"] == type) return;
      }
      if (stands(page) && page["events"].empty()) throw std::runtime_error(run(run_id).dump());
    }
  }
  static bool stands(const Json& page) {
    const std::string status = page["status"];
    return status == "succeeded" || status == "failed" || status == "canceled" ||
           status == "paused";
  }
  Json wait_until_it_stands(const std::string& run_id) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      if (stands(page)) return run(run_id);
      from = page["next_offset"];
    }
  }
  // How often the courier was handed a parcel, by its key.
  static std::map<std::string, int> parcels(const fs::path& dir) {
    std::map<std::string, int> count;
    std::ifstream in(dir / "parcels");
    for (std::string key, id; in >> key >> id;) ++count[key];
    return count;
  }
  static std::string first_parcel(const fs::path& dir) {
    std::ifstream in(dir / "parcels");
    std::string key;
    std::string id;
    in >> key >> id;
    return id;
  }

  std::vector<Order> order_at_every_moment(const std::string& name) {
    std::vector<Order> orders;
    for (const bool find : {true, false}) {
      for (const char* moment : {"before", "between", "submitted", "after"}) {
        const fs::path dir = new_directory(name + "-" + moment + (find ? "-find" : ""));
        orders.push_back({moment, find, dir});
        orders.back().run_id =
            submit("courier", {{"dir", dir.string()}, {"find", find}, {"hang", moment}});
      }
    }
    for (const Order& order : orders) wait_for_event(order.run_id, "task.emitted");
    return orders;
  }

  // What nobody can know stands still, and goes on by an operator's word on the command line.
  void resolve_what_is_unknown(const Order& order) {
    Json standing = wait_until_it_stands(order.run_id);
    const bool in_between = order.moment == "between" || order.moment == "submitted";
    ASSERT_EQ(standing["status"], in_between && !order.find ? "paused" : "succeeded")
        << order.moment << " " << order.find << standing.dump();
    if (standing["status"] != "paused") return;
    EXPECT_EQ(standing["pause_reason"], "unknown_remote");
    EXPECT_EQ(standing["resources"][0]["status"], "unknown");
    EXPECT_EQ(standing["tasks"][0]["remote"][0]["status"], "unknown");
    const Json why = http_->get("/v1/runs/" + order.run_id + "/why").json()["waits"][0];
    EXPECT_EQ(why["reason"], "unknown_remote");
    EXPECT_EQ(why["movers"], Json({"operator"}));
    const std::string task_id = standing["tasks"][0]["task_id"];
    const std::string id = first_parcel(order.dir);
    std::vector<std::string> command = {"resolve", task_id};
    if (id.empty()) {
      command.push_back("--not-submitted");
    } else {
      command.insert(command.end(), {"--execute-id", id});
    }
    const Finished resolved = server_.run(command);
    EXPECT_EQ(resolved.exit_code, 0) << resolved.err;
    EXPECT_EQ(wait_until_it_stands(order.run_id)["status"], "succeeded");
  }

  void expect_handed_over_once(const Order& order) {
    const std::string place = order.moment + (order.find ? " with find" : " without find");
    const auto count = parcels(order.dir);
    ASSERT_EQ(count.size(), 1u) << place;
    EXPECT_EQ(count.begin()->second, 1) << place;
    const Json ended = run(order.run_id);
    const Json call = ended["tasks"][0]["remote"][0];
    EXPECT_EQ(call["idempotency_key"], count.begin()->first) << place;
    EXPECT_EQ(call["status"], "submitted");
    EXPECT_EQ(call["execute_id"], first_parcel(order.dir)) << place;
    ASSERT_EQ(ended["resources"].size(), 1u) << place;
    EXPECT_EQ(ended["resources"][0]["status"], "succeeded");
    EXPECT_EQ(ended["resources"][0]["execute_id"], call["execute_id"]);
    EXPECT_EQ(ended["resources"][0]["resource_id"], ended["output"]["resource_id"]);
  }

  ServerProcess server_;
  std::optional<HttpSession> http_;
};

TEST_F(RemoteTest, AJobIsHandedOverOnceWheneverTheServerIsKilled) {
  start(8);
  const auto orders = order_at_every_moment("server");
  server_.kill_now();
  start(8);
  for (const Order& order : orders) resolve_what_is_unknown(order);
  for (const Order& order : orders) expect_handed_over_once(order);
}

TEST_F(RemoteTest, AJobIsHandedOverOnceWheneverItsWorkerIsKilled) {
  start(8);
  const auto orders = order_at_every_moment("worker");
  for (const pid_t worker : server_.children()) kill(worker, SIGKILL);
  for (const Order& order : orders) resolve_what_is_unknown(order);
  for (const Order& order : orders) expect_handed_over_once(order);
}

TEST_F(RemoteTest, TheResourceIsThereAndRunningFromTheSubmission) {
  start();
  const fs::path dir = new_directory("running");
  const std::string run_id = submit("courier", {{"dir", dir.string()}, {"then", "poll"}},
                                    {{"labels", {{"conversation_id", "42"}}}});
  wait_for_event(run_id, "task.waiting");
  const Json created = events(run_id, "resource.created").at(0)["data"];
  EXPECT_EQ(created["status"], "running");
  EXPECT_EQ(created["execute_id"], first_parcel(dir));
  EXPECT_EQ(created["task_type"], "courier");
  const std::string resource_id = created["resource_id"];
  const Json resource = http_->get("/v1/resources/" + resource_id).json();
  EXPECT_EQ(resource["status"], "running");
  EXPECT_EQ(resource["execute_id"], first_parcel(dir));
  EXPECT_EQ(resource["labels"]["conversation_id"], "42");
  EXPECT_EQ(http_->get("/v1/resources/" + resource_id + "/content").status, 409);
  EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);
  wait_until_it_stands(run_id);
  const Json failed = http_->get("/v1/resources/" + resource_id).json();
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["error"]["code"], "canceled");
}

TEST_F(RemoteTest, ACancelTellsTheProviderWhetherTheTaskRunsOrPolls) {
  start(2);
  for (const char* then : {"wait", "poll"}) {
    const fs::path dir = new_directory(then);
    const std::string run_id = submit("courier", {{"dir", dir.string()}, {"then", then}});
    wait_for_event(run_id, std::string(then) == "wait" ? "task.emitted" : "task.waiting");
    EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);
    EXPECT_EQ(wait_until_it_stands(run_id)["status"], "canceled");
    EXPECT_EQ(events(run_id, "remote.cancel_requested").size(), 1u) << then;
    std::ifstream in(dir / "canceled");
    std::string id;
    in >> id;
    EXPECT_EQ(id, first_parcel(dir)) << then;
    EXPECT_FALSE(in >> id) << "once";
  }
}

TEST_F(RemoteTest, AJobThatTheProviderRefusedIsTriedAgainUnderItsKey) {
  start();
  const fs::path dir = new_directory("refused");
  const Json spec = {{"steps",
                      {{{"id", "one"},
                        {"task", "courier"},
                        {"input", {{"dir", dir.string()}, {"refused", true}}},
                        {"retry", {{"max_attempts", 2}, {"initial_ms", 10}}}}}}};
  const HttpResult made = http_->post("/v1/runs", Json{{"spec", spec}}.dump());
  ASSERT_EQ(made.status, 202) << made.body;
  const std::string run_id = made.json()["run_id"];
  EXPECT_EQ(wait_until_it_stands(run_id)["status"], "succeeded");
  EXPECT_EQ(events(run_id, "remote.failed").at(0)["data"]["error"]["code"], "no_courier");
  EXPECT_EQ(events(run_id, "remote.intended").at(1)["data"]["after"], "failed");
  EXPECT_EQ(parcels(dir).size(), 1u);
}

TEST_F(RemoteTest, OneOperatorResolvesWhatNobodyKnowsAndOthersAreTold) {
  start();
  HttpSession alice = server_.session(token("alice", "viewer,submitter"));
  HttpSession olga = server_.session(token("olga", "viewer,operator"));
  HttpSession otto = server_.session(token("otto", "viewer,operator"));
  const fs::path dir = new_directory("unknown");
  const HttpResult made = alice.post(
      "/v1/runs",
      Json{{"task", "courier"}, {"input", {{"dir", dir.string()}, {"unknown", true}}}}.dump());
  ASSERT_EQ(made.status, 202) << made.body;
  const std::string run_id = made.json()["run_id"];
  const Json paused = wait_until_it_stands(run_id);
  ASSERT_EQ(paused["pause_reason"], "unknown_remote") << paused.dump();
  const std::string path =
      "/v1/tasks/" + paused["tasks"][0]["task_id"].get<std::string>() + "/resolve";
  const std::string known = Json{
      {"outcome", "submitted"},
      {"execute_id", "parcel-9"},
      {"expected_version",
       paused["version"]}}.dump();
  EXPECT_EQ(alice.post(path, known).status, 403);
  for (const char* wrong :
       {R"({"outcome":"lost"})", R"({})", R"({"outcome":"submitted"})",
        R"({"outcome":"submitted","execute_id":"a\u0001b"})",
        R"({"outcome":"not_submitted","execute_id":"x"})", R"({"outcome":"failed","why":"x"})"}) {
    EXPECT_EQ(olga.post(path, wrong).status, 400) << wrong;
  }
  EXPECT_EQ(olga.post("/v1/tasks/task_none/resolve", known).status, 404);
  EXPECT_EQ(alice.post("/v1/runs/" + run_id + "/resume", "{}").status, 409);
  const HttpResult won = olga.post(path, known);
  EXPECT_EQ(won.status, 202) << won.body;
  for (const std::string& late : {known, std::string(R"({"outcome":"not_submitted"})")}) {
    const HttpResult lost = otto.post(path, late);
    ASSERT_EQ(lost.status, 409) << lost.body;
    EXPECT_EQ(lost.json()["winner"]["by"], "user:olga");
    EXPECT_EQ(lost.json()["winner"]["decision"], "remote.resolved");
    EXPECT_EQ(lost.json()["winner"]["offset"], won.json()["offset"]);
  }
  const Json ended = wait_until_it_stands(run_id);
  EXPECT_EQ(ended["status"], "succeeded");
  EXPECT_EQ(ended["output"]["execute_id"], "parcel-9");
  EXPECT_EQ(parcels(dir).size(), 1u);
  const Finished usage = server_.run({"resolve", "task_1", "--not-submitted", "--failed", "x"});
  EXPECT_EQ(usage.exit_code, 64);
  EXPECT_EQ(server_.run({"resolve", "task_1"}).exit_code, 64);
}

TEST_F(RemoteTest, TheExampleOrdersOnePosterOverAKill) {
  start();
  const fs::path shop = new_directory("shop");
  const std::string run_id = submit("poster", {{"text", "Remember"}, {"shop", shop.string()}});
  wait_for_event(run_id, "task.waiting");
  const std::string order = task(run_id)["remote"][0]["execute_id"];
  EXPECT_TRUE(fs::exists(shop / (order + ".order")));
  server_.kill_now();
  std::ofstream(shop / (order + ".printed")) << "Remember everything";
  start();
  const Json ended = wait_until_it_stands(run_id);
  EXPECT_EQ(ended["status"], "succeeded") << ended.dump();
  const std::string url = ended["resources"][0]["url"];
  EXPECT_EQ(http_->get(url).body, "Remember everything");
  EXPECT_EQ(events(run_id, "remote.intended").size(), 1u);
}

}  // namespace
}  // namespace runledger::e2e
