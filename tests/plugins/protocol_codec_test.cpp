// What is encoded comes back as it was.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"

namespace runledger::core::protocol {
namespace {

using nlohmann::json;

const std::string kDigest(64, 'a');

template <typename Message>
Message there_and_back(const WorkerMessage& message) {
  auto decoded = decode_worker_message(encode(message));
  if (const auto* error = std::get_if<ProtocolError>(&decoded)) {
    throw std::runtime_error(error->reason);
  }
  return std::get<Message>(std::get<WorkerMessage>(std::move(decoded)));
}

template <typename Message>
Message there_and_back(const ServerMessage& message) {
  auto decoded = decode_server_message(encode(message));
  if (const auto* error = std::get_if<ProtocolError>(&decoded)) {
    throw std::runtime_error(error->reason);
  }
  return std::get<Message>(std::get<ServerMessage>(std::move(decoded)));
}

template <typename Body>
Body report_there_and_back(const Body& body) {
  Reports batch{{{"run_1", "task_1", "lease_1", 7, 3, body}}};
  const auto back = there_and_back<Reports>(WorkerMessage(batch));
  const Report& report = back.reports.at(0);
  EXPECT_EQ(report.run_id, "run_1");
  EXPECT_EQ(report.task_id, "task_1");
  EXPECT_EQ(report.lease_id, "lease_1");
  EXPECT_EQ(report.seq, 7u);
  EXPECT_EQ(report.number, 3u);
  return std::get<Body>(report.body);
}

TEST(ProtocolCodec, KeepsRegister) {
  Register message;
  message.name = "local-1";
  message.pid = 4711;
  message.slots = 3;
  message.task_types = {{"image", "1.0.0", R"({"name":"image"})", kDigest},
                        {"hello", "2.0.0", R"({"name":"hello"})", kDigest, 4}};
  message.held = {{"run_1", "task_1", "lease_1", true}};
  const auto back = there_and_back<Register>(WorkerMessage(message));
  EXPECT_EQ(back.session_version, kSessionVersion);
  EXPECT_EQ(back.name, "local-1");
  EXPECT_EQ(back.pid, 4711);
  EXPECT_EQ(back.slots, 3u);
  ASSERT_EQ(back.task_types.size(), 2u);
  EXPECT_EQ(back.task_types[1].name, "hello");
  EXPECT_EQ(back.task_types[1].version, "2.0.0");
  EXPECT_EQ(back.task_types[1].manifest, R"({"name":"hello"})");
  EXPECT_EQ(back.task_types[1].plugin_sha256, kDigest);
  EXPECT_EQ(back.task_types[0].slots, 0u);
  EXPECT_EQ(back.task_types[1].slots, 4u);
  ASSERT_EQ(back.held.size(), 1u);
  EXPECT_EQ(back.held[0].lease_id, "lease_1");
  EXPECT_TRUE(back.held[0].ended);
}

TEST(ProtocolCodec, KeepsRoomAndWhatIsGivenBack) {
  EXPECT_EQ(there_and_back<Lease>(WorkerMessage(Lease{5})).room, 5u);
  EXPECT_EQ(there_and_back<Lease>(WorkerMessage(Lease{0})).room, 0u);
  const std::vector<std::string> leases{"lease_1", "lease_2"};
  EXPECT_EQ(there_and_back<Return>(WorkerMessage(Return{leases})).lease_ids, leases);
}

TEST(ProtocolCodec, KeepsEachKindOfReport) {
  const auto progress = report_there_and_back(ProgressReport{12.5, "图"});
  EXPECT_EQ(progress.percent, 12.5);
  EXPECT_EQ(progress.message, "图");
  const auto emit = report_there_and_back(EmitReport{"a.b", R"([1,"two",null])"});
  EXPECT_EQ(emit.event_type, "a.b");
  EXPECT_EQ(emit.data, R"([1,"two",null])");
  const auto log = report_there_and_back(LogReport{"warning", "line\nand\tmore"});
  EXPECT_EQ(log.level, "warning");
  EXPECT_EQ(log.text, "line\nand\tmore");
  const auto resource =
      report_there_and_back(ResourceReport{"a.png", "image/png", kDigest, 1ULL << 60});
  EXPECT_EQ(resource.name, "a.png");
  EXPECT_EQ(resource.media_type, "image/png");
  EXPECT_EQ(resource.sha256, kDigest);
  EXPECT_EQ(resource.size, 1ULL << 60);
  EXPECT_EQ(report_there_and_back(SucceededReport{R"({"n":1})"}).output, R"({"n":1})");
  const auto failed = report_there_and_back(FailedReport{"no_luck", "why", true, 1500});
  EXPECT_EQ(failed.code, "no_luck");
  EXPECT_EQ(failed.message, "why");
  EXPECT_TRUE(failed.retryable);
  EXPECT_EQ(failed.retry_after_ms, 1500u);
  report_there_and_back(CanceledReport{});
}

TEST(ProtocolCodec, KeepsTheReportsOfDurableCalls) {
  const auto step = report_there_and_back(StepReport{true, "render", R"({"url":1})", true});
  EXPECT_TRUE(step.poll);
  EXPECT_EQ(step.name, "render");
  EXPECT_EQ(step.result, R"({"url":1})");
  EXPECT_TRUE(step.release);
  const auto sleep = report_there_and_back(SleepReport{"cool down", kDelayMsMax});
  EXPECT_EQ(sleep.name, "cool down");
  EXPECT_EQ(sleep.delay_ms, kDelayMsMax);
  const auto poll = report_there_and_back(PollWaitReport{"render", 3000, 60'000, true});
  EXPECT_EQ(poll.name, "render");
  EXPECT_EQ(poll.every_ms, 3000u);
  EXPECT_EQ(poll.timeout_ms, 60'000u);
  EXPECT_TRUE(poll.keep_lease);
  const auto review = report_there_and_back(ReviewReport{"case", "[1]", "null", R"({"a":1})"});
  EXPECT_EQ(review.name, "case");
  EXPECT_EQ(review.body, "[1]");
  EXPECT_EQ(review.validation, "null");
  EXPECT_EQ(review.schema, R"({"a":1})");
  EXPECT_EQ(report_there_and_back(ReviewReport{"case", "1", "2", ""}).schema, "");
}

TEST(ProtocolCodec, KeepsTheReportsOfRemoteCalls) {
  const auto intent =
      report_there_and_back(RemoteIntentReport{2, "coze", "clip.mp4", "video/mp4", true});
  EXPECT_EQ(intent.ordinal, 2u);
  EXPECT_EQ(intent.provider, "coze");
  EXPECT_EQ(intent.resource_name, "clip.mp4");
  EXPECT_EQ(intent.resource_media_type, "video/mp4");
  EXPECT_TRUE(intent.found_nothing);
  const auto job = report_there_and_back(RemoteSubmittedReport{3, "coze", "key-1", "job-7", true});
  EXPECT_EQ(job.ordinal, 3u);
  EXPECT_EQ(job.provider, "coze");
  EXPECT_EQ(job.idempotency_key, "key-1");
  EXPECT_EQ(job.execute_id, "job-7");
  EXPECT_TRUE(job.found);
  const auto failed = report_there_and_back(RemoteFailedReport{4, "quota", "No more"});
  EXPECT_EQ(failed.ordinal, 4u);
  EXPECT_EQ(failed.code, "quota");
  EXPECT_EQ(failed.message, "No more");
  const auto unknown = report_there_and_back(RemoteUnknownReport{5, "It broke off"});
  EXPECT_EQ(unknown.ordinal, 5u);
  EXPECT_EQ(unknown.message, "It broke off");
}

TEST(ProtocolCodec, KeepsTheOrderOfReports) {
  Reports batch;
  for (std::uint64_t seq = 1; seq <= kReportsInFlightMax; ++seq) {
    batch.reports.push_back({"run", "task", "lease", seq, seq, CanceledReport{}});
  }
  const auto back = there_and_back<Reports>(WorkerMessage(batch));
  ASSERT_EQ(back.reports.size(), kReportsInFlightMax);
  for (std::uint64_t seq = 1; seq <= kReportsInFlightMax; ++seq) {
    EXPECT_EQ(back.reports[seq - 1].seq, seq);
  }
}

TEST(ProtocolCodec, KeepsWhatTheServerSays) {
  const auto registered =
      there_and_back<Registered>(ServerMessage(Registered{"wrk_1", 30'000, {"lease_1"}}));
  EXPECT_EQ(registered.worker_id, "wrk_1");
  EXPECT_EQ(registered.grace_ms, 30'000u);
  EXPECT_EQ(registered.fenced, std::vector<std::string>{"lease_1"});
  const auto refused = there_and_back<Refused>(ServerMessage(Refused{"bad_name", "why"}));
  EXPECT_EQ(refused.code, "bad_name");
  EXPECT_EQ(refused.reason, "why");
  const auto cancel = there_and_back<Cancel>(ServerMessage(Cancel{"lease_1", 4'294'967'295}));
  EXPECT_EQ(cancel.lease_id, "lease_1");
  EXPECT_EQ(cancel.grace_ms, 4'294'967'295u);
  const auto fenced = there_and_back<Fenced>(ServerMessage(Fenced{"lease_1", "late"}));
  EXPECT_EQ(fenced.lease_id, "lease_1");
  EXPECT_EQ(fenced.reason, "late");
  there_and_back<Drain>(ServerMessage(Drain{}));
}

TEST(ProtocolCodec, KeepsLeased) {
  const LeasedTask task{
      "run_1", "task_1", "lease_1", 3, "image", R"({"deep":[[{}]]})", R"({"user":"ada"})"};
  const auto back = there_and_back<Leased>(ServerMessage(Leased{{task}}));
  ASSERT_EQ(back.tasks.size(), 1u);
  EXPECT_EQ(back.tasks[0].run_id, "run_1");
  EXPECT_EQ(back.tasks[0].task_id, "task_1");
  EXPECT_EQ(back.tasks[0].lease_id, "lease_1");
  EXPECT_EQ(back.tasks[0].attempt, 3u);
  EXPECT_EQ(back.tasks[0].task_type, "image");
  EXPECT_EQ(back.tasks[0].input, R"({"deep":[[{}]]})");
  EXPECT_EQ(back.tasks[0].session, R"({"user":"ada"})");
}

TEST(ProtocolCodec, KeepsWhatALeasedTaskHasDoneBefore) {
  LeasedTask task{"run_1", "task_1", "lease_1", 1, "image", "{}", "{}"};
  task.memos = {{"step", "submit", R"("job-1")"}, {"sleep", "cool down", "null"}};
  task.pending_poll = PendingPoll{"render", 4500};
  const auto back = there_and_back<Leased>(ServerMessage(Leased{{task}})).tasks.at(0);
  ASSERT_EQ(back.memos.size(), 2u);
  EXPECT_EQ(back.memos[0].kind, "step");
  EXPECT_EQ(back.memos[0].name, "submit");
  EXPECT_EQ(back.memos[0].result, R"("job-1")");
  EXPECT_EQ(back.memos[1].kind, "sleep");
  ASSERT_TRUE(back.pending_poll);
  EXPECT_EQ(back.pending_poll->name, "render");
  EXPECT_EQ(back.pending_poll->waited_ms, 4500u);
  EXPECT_FALSE(back.pending_remote);
  EXPECT_FALSE(back.canceling);
}

TEST(ProtocolCodec, KeepsAJobOfWhichNobodyKnowsAndItsKey) {
  LeasedTask task{"run_1", "task_1", "lease_1", 1, "image", "{}", "{}"};
  task.pending_remote = PendingRemote{"coze", "key-1"};
  task.canceling = true;
  const auto back = there_and_back<Leased>(ServerMessage(Leased{{task}})).tasks.at(0);
  ASSERT_TRUE(back.pending_remote);
  EXPECT_EQ(back.pending_remote->provider, "coze");
  EXPECT_EQ(back.pending_remote->idempotency_key, "key-1");
  EXPECT_TRUE(back.canceling);
  const auto done =
      there_and_back<Acknowledged>(ServerMessage(Acknowledged{{{1, "", "key-1"}}})).results.at(0);
  EXPECT_EQ(done.idempotency_key, "key-1");
}

TEST(ProtocolCodec, LeavesOutAnEmptyResourceId) {
  const auto frame = encode(ServerMessage(Acknowledged{{{1, "res_1"}, {2, ""}}}));
  EXPECT_FALSE(json::parse(frame)["results"][1].contains("resource_id"));
  const auto back = std::get<Acknowledged>(std::get<ServerMessage>(decode_server_message(frame)));
  ASSERT_EQ(back.results.size(), 2u);
  EXPECT_EQ(back.results[0].resource_id, "res_1");
  EXPECT_EQ(back.results[1].seq, 2u);
  EXPECT_EQ(back.results[1].resource_id, "");
}

TEST(ProtocolCodec, MendsTextThatIsNotUtf8) {
  const auto log = report_there_and_back(LogReport{"info",
                                                   "a\xff"
                                                   "b"});
  EXPECT_EQ(log.text,
            "a\xef\xbf\xbd"
            "b");
}

TEST(ProtocolCodec, ThrowsOnAnOpaqueMemberThatIsNotJson) {
  const Reports batch{{{"run", "task", "lease", 1, 1, SucceededReport{"{"}}}};
  EXPECT_THROW(encode(WorkerMessage(batch)), std::invalid_argument);
}

TEST(JsonText, TakesJsonAsDeepAsTheLimitAndSurvivesTheRoundTrip) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(json_text_problem(nested(kJsonNestingMax), JsonKind::kAny), std::nullopt);
  EXPECT_NE(json_text_problem(nested(kJsonNestingMax + 1), JsonKind::kAny), std::nullopt);
  EXPECT_NE(json_text_problem(std::string(1'000'000, '['), JsonKind::kAny), std::nullopt);
  const EmitReport deepest{"deep", nested(kJsonNestingMax)};
  EXPECT_EQ(report_there_and_back(deepest).data, deepest.data);
}

TEST(JsonText, TellsAnObjectFromOtherValues) {
  EXPECT_EQ(json_text_problem("{}", JsonKind::kObject), std::nullopt);
  EXPECT_EQ(json_text_problem("[]", JsonKind::kAny), std::nullopt);
  EXPECT_NE(json_text_problem("[]", JsonKind::kObject), std::nullopt);
  for (const char* text : {"", "{}{}", "nan", "1e999", "\"\xff\"", "{\"a\":1,}"}) {
    EXPECT_NE(json_text_problem(text, JsonKind::kAny), std::nullopt) << text;
  }
}

TEST(JsonText, KnowsUtf8AndMendsTheRest) {
  EXPECT_TRUE(is_utf8("plain, 图, \U0001F600"));
  EXPECT_FALSE(is_utf8("\xe5\x9b"));      // cut off
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));  // half of a surrogate pair
  EXPECT_EQ(mended_utf8("图\xff"), "图\xef\xbf\xbd");
  EXPECT_EQ(mended_utf8("sound"), "sound");
}

}  // namespace
}  // namespace runledger::core::protocol
