// The http plugin in its process, calling a real server, by way of the worker.
#include "tests/egress/scripted_server.h"
#include "tests/plugins/host_fixture.h"

namespace runledger::core::worker {
namespace {

using egress::testing::Connection;
using egress::testing::ok;
using egress::testing::says;
using egress::testing::ScriptedServer;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCanary = "sk-canary-81c2";

class HttpPlugin : public HostFixture {
 protected:
  static PluginFile http() {
    HostWatch watch;
    const std::filesystem::path file = RUNLEDGER_PLUGINS "/http.so";
    const auto found = find_plugins(RUNLEDGER_PLUGINS, [&](const std::filesystem::path& each) {
      if (each != file) return Description(PluginRefusal{each, "not wanted"});
      return describe_plugin(hosts(), each, watch);
    });
    if (found.plugins.size() != 1) throw std::runtime_error("http.so cannot be used");
    return found.plugins[0];
  }

  protocol::ReportBody run(const ScriptedServer& server, const json& input, bool allowed = true) {
    ProviderAccess access;
    if (allowed) access.allowed = {{"127.0.0.1", server.port()}};
    access.credentials = {{"shop", *egress::origin_of(server.url()), "X-Key", kCanary, kCanary}};
    PluginHosts executor(hosts(), {http()}, 2, std::move(access));
    TaskRunner runner(1, executor, link, uploader);
    runner.start(testing::leased("lease_1", "http", input.dump()));
    link.wait_for_free_slots(1);
    executor.close();
    return link.reports().back();
  }
  static protocol::FailedReport failure_of(const protocol::ReportBody& outcome) {
    const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
    EXPECT_NE(failed, nullptr);
    return failed == nullptr ? protocol::FailedReport{} : *failed;
  }
  std::string stored() const {
    const auto all = uploader.stored();
    if (all.size() != 1) return "not one artifact";
    return {reinterpret_cast<const char*>(all[0].data()), all[0].size()};
  }
};

TEST_F(HttpPlugin, GivesTheAnswerAndKeepsTheSecret) {
  ScriptedServer server({says(ok(R"({"id": 7})", "Content-Type: application/json\r\n"))});
  const auto outcome = run(server, {{"url", server.url("/orders")},
                                    {"method", "POST"},
                                    {"json", {{"item", 17}}},
                                    {"credential", "shop"}});
  const json output = output_of(outcome);
  EXPECT_EQ(output["status"], 200);
  EXPECT_EQ(output["json"]["id"], 7);
  const std::string sent = server.requests().at(0);
  EXPECT_THAT(sent, HasSubstr("POST /orders HTTP/1.1"));
  EXPECT_THAT(sent, HasSubstr(std::string("X-Key: ") + kCanary));
  EXPECT_THAT(sent, HasSubstr("Idempotency-Key: "));
  EXPECT_THAT(sent, HasSubstr(R"({"item":17})"));
  for (const auto& report : link.reports()) {
    EXPECT_THAT(std::get<protocol::SucceededReport>(outcome).output, Not(HasSubstr(kCanary)));
    if (const auto* step = std::get_if<protocol::StepReport>(&report)) {
      EXPECT_THAT(step->result, Not(HasSubstr(kCanary)));
    }
  }
}

TEST_F(HttpPlugin, DownloadsIntoAnArtifact) {
  const std::string content(3 << 20, 'v');
  ScriptedServer server({says(ok(content, "Content-Type: video/mp4; x=y\r\n"))});
  const json output =
      output_of(run(server, {{"url", server.url("/clip")}, {"save_as", {{"name", "clip.mp4"}}}}));
  EXPECT_EQ(output["resource_id"], "res_1");
  EXPECT_EQ(output["size"], content.size());
  EXPECT_EQ(stored(), content);
  const auto resources = link.reports_of<protocol::ResourceReport>();
  ASSERT_EQ(resources.size(), 1u);
  EXPECT_EQ(resources[0].media_type, "video/mp4");
}

TEST_F(HttpPlugin, StoresWhatIsNoText) {
  ScriptedServer server({says(ok("\xff\xfe", "Content-Type: image/x\r\n"))});
  const json output = output_of(run(server, {{"url", server.url()}}));
  EXPECT_EQ(output["resource_id"], "res_1");
  EXPECT_EQ(stored(), "\xff\xfe");
}

TEST_F(HttpPlugin, FailsOnAStatusThatIsNotExpected) {
  ScriptedServer server({says("HTTP/1.1 503 No\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n")});
  const auto failed = failure_of(run(server, {{"url", server.url("/x?token=1")}}));
  EXPECT_EQ(failed.code, "bad_status");
  EXPECT_TRUE(failed.retryable);
  EXPECT_EQ(failed.retry_after_ms, 3000u);
  EXPECT_THAT(failed.message, HasSubstr("answered 503"));
  EXPECT_THAT(failed.message, Not(HasSubstr("token")));
}

TEST_F(HttpPlugin, DoesNotRepeatAPostThatMayHaveArrived) {
  ScriptedServer server({says("")});  // takes the request and hangs up
  const auto failed =
      failure_of(run(server, {{"url", server.url()}, {"method", "POST"}, {"body", "x"}}));
  EXPECT_EQ(failed.code, "outcome_unknown");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(HttpPlugin, ReachesNoPrivateAddress) {
  ScriptedServer server({says(ok(""))});
  const auto failed = failure_of(run(server, {{"url", server.url()}}, false));
  EXPECT_EQ(failed.code, "address_refused");
  EXPECT_FALSE(failed.retryable);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpPlugin, StopsInTheMiddleOfACall) {
  ScriptedServer server({[](const std::string&, const Connection& client) {
    client.wait_for_end();  // says nothing
  }});
  ProviderAccess access;
  access.allowed = {{"127.0.0.1", server.port()}};
  PluginHosts executor(hosts(), {http()}, 2, std::move(access));
  TaskRunner runner(1, executor, link, uploader);
  runner.start(testing::leased("lease_1", "http", json({{"url", server.url()}}).dump()));
  server.wait_for_requests(1);
  runner.cancel("lease_1", std::chrono::hours(1));
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(link.reports().back()));
  executor.close();
}

}  // namespace
}  // namespace runledger::core::worker
