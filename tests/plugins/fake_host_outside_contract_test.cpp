// The same executors in the fake host and in the worker's own host code: calls to other people's
// servers, resources, jobs that are handed over. See fake_host_contract_test.cpp.
#include <gtest/gtest.h>

#include <runledger/testing/http_table.hpp>

#include "core/domain/commands.h"
#include "core/egress/http_message.h"
#include "core/protocol/remote_names.h"
#include "core/worker/limits.h"
#include "tests/plugins/two_hosts.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
namespace sdk = runledger::testing;
using Find = std::function<std::optional<std::string>(std::string_view)>;

static_assert(sdk::kCallBodyBytesMax == kCallBodyBytesMax);
static_assert(std::chrono::milliseconds(sdk::kCallTimeMsMax) == kCallTimeMax);
static_assert(sdk::kUrlBytesMax == egress::kUrlBytesMax);
static_assert(sdk::kHeaderBytesMax == egress::kHeaderBytesMax);
static_assert(sdk::kRemoteCallsMax == core::kRemoteCallsMax);
static_assert(sdk::kProviderNameBytesMax == protocol::kProviderNameBytesMax);
static_assert(sdk::kExecuteIdBytesMax == protocol::kExecuteIdBytesMax);

const json kDone = json::object();

// --- calls ---

// Tells what the servers were asked, and answers by the path.
sdk::HttpReply answered(const HttpRequest& request) {
  const std::string path = request.url.substr(request.url.rfind('/'));
  if (path == "/echo") {
    return sdk::json_answer({request.method, request.headers, request.body, request.credential,
                             request.first_byte.count(), request.total.count(),
                             request.redirects_max, request.answer_bytes_max});
  }
  if (path == "/clip") return sdk::http_answer(200, "pictures", {{"content-type", "video/mp4"}});
  if (path == "/busy") {
    HttpAnswer busy = sdk::http_answer(503, "later");
    busy.retry_after = 7s;
    return busy;
  }
  if (path == "/lost") return sdk::http_problem("answer_cut");
  if (path == "/refused") return sdk::http_problem("address_refused");
  return sdk::http_answer(404, "\xff none");
}

Scenario with_servers(std::string name, testing::Behaviour behaviour) {
  Scenario scenario = plain(std::move(name), std::move(behaviour));
  scenario.outside = {answered, {{"res_42", "of an earlier step"}}};
  return scenario;
}

Scenario calling(std::string name, HttpRequest request) {
  return with_servers(std::move(name), [request](TaskContext& task) -> json {
    const HttpAnswer answer = task.http(request);
    return {{"status", answer.status},
            {"headers", answer.headers},
            {"bytes", answer.body.size()},
            {"json", json::parse(answer.body, nullptr, false).is_discarded()
                         ? json()
                         : json::parse(answer.body)},
            {"retry_after", answer.retry_after.count()}};
  });
}

std::vector<Scenario> calls() {
  const HttpRequest echo{.url = "https://a.example/echo"};
  const auto with = [&](std::string name, const std::function<void(HttpRequest&)>& change) {
    HttpRequest request = echo;
    change(request);
    return calling(std::move(name), std::move(request));
  };
  std::vector<Scenario> all = {
      calling("Get", echo),
      calling("Post", post_json("https://a.example/echo", {{"x", 1}})),
      calling("NotFound", {.url = "https://a.example/x?token=1"}),
      calling("Busy", {.url = "https://a.example/busy"}),
      calling("Lost", {.url = "https://a.example/lost"}),
      calling("Refused", {.url = "https://a.example/refused"}),
      with("WithoutLimits", [](auto& it) { it.first_byte = it.total = 0ms; }),
      with("OverTheLimits",
           [](auto& it) { it.total = 24h, it.answer_bytes_max = kArtifactBytesMax; }),
      with("OtherFtp", [](auto& it) { it.url = "ftp://a.example/"; }),
      with("OtherNone", [](auto& it) { it.url = "nonsense"; }),
      with("OtherSpace", [](auto& it) { it.url = "https://a.example/a b"; }),
      with("OtherUser", [](auto& it) { it.url = "https://u:p@a.example/"; }),
      with("OtherLong", [](auto& it) { it.url += std::string(egress::kUrlBytesMax, 'x'); }),
      with("Method", [](auto& it) { it.method = "GE T"; }),
      with("Connect", [](auto& it) { it.method = "CONNECT"; }),
      with("HeaderName",
           [](auto& it) {
             it.headers = {{"a b", "x"}};
           }),
      with("HeaderValue",
           [](auto& it) {
             it.headers = {{"a", "x\ny"}};
           }),
      with("HeaderReserved",
           [](auto& it) {
             it.headers = {{"Host", "x"}};
           }),
      with("HeadersTooLarge",
           [](auto& it) {
             it.headers = {{"a", std::string(egress::kHeaderBytesMax, 'x')}};
           }),
      with("RedirectsOfAPost", [](auto& it) { it.method = "POST", it.redirects_max = 1; }),
      with("RedirectsWithASecret",
           [](auto& it) {
             it.headers = {{"X-Key", "x"}}, it.redirects_max = 1;
           }),
      with("RedirectsOfAGet",
           [](auto& it) {
             it.headers = {{"Accept", "x/y"}}, it.redirects_max = 1;
           }),
      with("BodyTooLarge", [](auto& it) { it.body.assign(kCallBodyBytesMax + 1, 'x'); }),
      with_servers("CanceledInACall",
                   [](TaskContext& task) -> json {
                     task.http({.url = kCancelUrl});
                     return kDone;
                   }),
  };
  all.push_back(calling("WhenToldToStop", echo));
  all.back().stop = true;
  return all;
}

Scenario downloading(std::string name, std::string url, std::string media_type) {
  return with_servers(std::move(name), [url, media_type](TaskContext& task) -> json {
    const Artifact stored = task.artifact({"clip", media_type}).from_url(url);
    return {{"size", stored.size}, {"sha256", stored.sha256}};
  });
}
Scenario reading(std::string name, std::string id) {
  return with_servers(std::move(name), [id](TaskContext& task) -> json {
    const Content content = task.resource(id);
    return {{"type", content.media_type},
            {"text", std::string(reinterpret_cast<const char*>(content.bytes.data()),
                                 content.bytes.size())}};
  });
}

std::vector<Scenario> contents() {
  return {downloading("Downloads", "https://a.example/clip", "video/webm"),
          downloading("DownloadsWhatTheAnswerSays", "https://a.example/clip", ""),
          downloading("DownloadsNothing", "https://a.example:8443/none?x=1", "a/b"),
          downloading("DownloadsLater", "https://a.example/busy", "a/b"),
          downloading("DownloadsWithoutAnAnswer", "https://a.example/lost", "a/b"),
          downloading("DownloadsOfABadType", "https://a.example/clip", "a\nb"),
          downloading("DownloadsFromNowhere", "nowhere", "a/b"),
          reading("Reads", "res_42"),
          reading("ReadsWhatIsNotThere", "res_43"),
          reading("ReadsWithoutAName", "")};
}

// --- jobs ---

// One job, and what became of it.
Scenario handing_over(std::string name,
                      std::function<std::string(runledger::RemoteCall&)> hand_over,
                      Find find = {}) {
  return counting(std::move(name), [=](TaskContext& task, int) -> json {
    const auto job = task.remote({.provider = "coze",
                                  .find = find,
                                  .resource = {{.name = "clip.mp4", .media_type = "video/mp4"}}},
                                 [&](runledger::RemoteCall& call) {
                                   task.emit("handed_over", call.idempotency_key());
                                   return hand_over(call);
                                 });
    const auto stored = task.artifact({"clip.mp4", "video/mp4"}, {});
    return {{"execute_id", job.execute_id()},
            {"key", job.idempotency_key()},
            {"completes", stored.resource_id == job.resource_id()}};
  });
}

std::string taken(runledger::RemoteCall&) {
  return "job-7";
}
std::string lost(runledger::RemoteCall&) {
  throw OutcomeUnknown("It broke off");
}
std::optional<std::string> nothing(std::string_view) {
  return std::nullopt;
}

std::vector<Scenario> jobs() {
  return {
      handing_over("IsTaken", taken),
      handing_over("IsUnknown", lost),
      handing_over("IsFound", lost,
                   [](std::string_view key) { return "job of " + std::string(key); }),
      handing_over("IsNotFound", lost, nothing),
      handing_over("FindFails", lost,
                   [](std::string_view) -> std::optional<std::string> {
                     throw Failure("away", "Nobody there", true);
                   }),
      handing_over("FindFailsForGood", lost,
                   [](std::string_view) -> std::optional<std::string> {
                     throw Failure("gone", "Never again", false);
                   }),
      handing_over(
          "Fails",
          [](runledger::RemoteCall&) -> std::string { throw Failure("quota", "No more", true); }),
      handing_over("HasNoId", [](runledger::RemoteCall&) { return std::string(); }),
      handing_over("HasALongId", [](runledger::RemoteCall&) { return std::string(257, 'x'); }),
      plain("HasNoProvider",
            [](TaskContext& task) -> json {
              task.remote({.provider = "A b"}, taken);
              return kDone;
            }),
      plain("HasABadName",
            [](TaskContext& task) -> json {
              task.remote({.provider = "coze", .resource = {{"a\nb", "c/d"}}}, taken);
              return kDone;
            }),
      plain("IsTriedAgainInTheSameAttempt",
            [](TaskContext& task) -> json {
              try {
                task.remote({.provider = "coze"}, [](runledger::RemoteCall&) -> std::string {
                  throw Failure("busy", "", true);
                });
              } catch (const Failure& failure) {
                task.log("info", failure.code());
              }
              return {{"id", task.remote({.provider = "coze"}, taken).execute_id()}};
            }),
      plain("ComesBetweenOthers",
            [](TaskContext& task) -> json {
              task.step("one", [] { return 1; });
              task.remote({.provider = "coze"}, taken);
              task.sleep("rest", 1h);
              const auto other = task.remote({.provider = "openai"}, taken);
              return {{"key", other.idempotency_key()}, {"none", other.resource_id()}};
            }),
      plain("HasACallInside",
            [](TaskContext& task) -> json {
              task.remote({.provider = "coze"}, [&](runledger::RemoteCall&) {
                task.step("inside", [] {});
                return "job-7";
              });
              return kDone;
            }),
      counting("IsLeftOut",
               [](TaskContext& task, int runs) -> json {
                 if (runs == 0) task.remote({.provider = "coze"}, taken), task.sleep("rest", 1s);
                 return kDone;
               }),
  };
}

Scenario canceling(std::string name, testing::Cancel cancel) {
  Scenario scenario = with_servers(std::move(name), [](TaskContext& task) -> json {
    task.remote({.provider = "coze"}, taken);
    task.http({.url = kCancelUrl});
    return kDone;
  });
  scenario.cancel = std::move(cancel);
  return scenario;
}

std::vector<Scenario> cancels() {
  std::vector<Scenario> all = {
      canceling("Declines", {}),
      canceling("Tells",
                [](RemoteCancel& job) {
                  const auto answer = job.http({.url = "https://a.example/clip"});
                  job.log("info", std::string(job.provider()) + job.execute_id() + answer.body);
                }),
      canceling("FailsToTell", [](RemoteCancel&) { throw Failure("away", "Nobody there", true); }),
      handing_over("HandsNothingOver", taken),
  };
  all.back().stop = true;
  return all;
}

class FakeHostOutsideContract : public ::testing::TestWithParam<Scenario> {};

TEST_P(FakeHostOutsideContract, SaysWhatTheWorkerSays) {
  const json said = in_fake_host(GetParam());
  EXPECT_EQ(said, in_real_host(GetParam()));
}

std::string scenario_name(const ::testing::TestParamInfo<Scenario>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Calls, FakeHostOutsideContract, ::testing::ValuesIn(calls()),
                         scenario_name);
INSTANTIATE_TEST_SUITE_P(Contents, FakeHostOutsideContract, ::testing::ValuesIn(contents()),
                         scenario_name);
INSTANTIATE_TEST_SUITE_P(Jobs, FakeHostOutsideContract, ::testing::ValuesIn(jobs()), scenario_name);
INSTANTIATE_TEST_SUITE_P(Cancels, FakeHostOutsideContract, ::testing::ValuesIn(cancels()),
                         scenario_name);

}  // namespace
}  // namespace runledger::core::worker
