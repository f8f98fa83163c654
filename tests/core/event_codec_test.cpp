#include "core/domain/event_codec.h"

#include <gtest/gtest.h>

namespace runledger::core {
namespace {

struct Sample {
  EventBody body;
  std::string payload;  // frozen: what is on users' disks
};

RunCreated run_created() {
  RunCreated created;
  created.run_id = "run_1";
  created.workflow = "teaser";
  created.workflow_version = 3;
  created.plan = std::make_shared<const RunPlan>(RunPlan{
      std::get<WorkflowSpec>(
          parse_spec(R"({"steps":[{"id":"main","task":"image","input":{"prompt":"猫"}}]})")),
      {R"({"n":1})"},
      {R"({"user":"u"})"}});
  created.tasks = {{"main", "task_1"}};
  created.labels = {{"a", "b"}};
  created.priority = -3;
  created.concurrency = Concurrency{"k", 2, OnConflict::kReplace};
  created.start_at_us = 99;
  created.overdue_after_ms = 1000;
  created.parent = ParentTask{"run_0", "task_0"};
  created.depth = 1;
  created.sub_runs_max = 7;
  created.retry_of = "run_9";
  created.idempotency_key = "key-1";
  created.request_sha256 = "ab";
  return created;
}

std::vector<Sample> run_samples() {
  const Error error{"boom", "It \"failed\"", true};
  return {
      {run_created(),
       R"({"run_id":"run_1","workflow":"teaser","workflow_version":3,"tasks":[{"step":"main","task_id":"task_1"}],"labels":{"a":"b"},"priority":-3,"concurrency":{"key":"k","limit":2,"on_conflict":"replace"},"start_at_us":99,"overdue_after_ms":1000,"parent":{"run_id":"run_0","task_id":"task_0"},"depth":1,"sub_runs_max":7,"retry_of":"run_9","idempotency_key":"key-1","request_sha256":"ab","spec":{"steps":[{"id":"main","task":"image","input":{"prompt":"猫"}}]},"input":{"n":1},"session":{"user":"u"}})"},
      {RunQueued{"k"}, R"({"key":"k"})"},
      {RunAdmitted{}, "{}"},
      {RunStarted{}, "{}"},
      {RunPaused{PauseReason::kFailure, "task_1"}, R"({"reason":"failure","task_id":"task_1"})"},
      {RunResumed{{{"task_1", "task_2"}}}, R"({"tasks":["task_1","task_2"]})"},
      {RunRetried{"main"}, R"({"from_step":"main"})"},
      {RunOverdue{"worker", "task_1", 5}, R"({"reason":"worker","task_id":"task_1","since_us":5})"},
      {RunCancelRequested{"replaced"}, R"({"reason":"replaced"})"},
      {RunCanceled{}, "{}"},
      {RunSucceeded{JsonText{"[1]"}}, R"({"output":[1]})"},
      {RunFailed{error}, R"({"error":{"code":"boom","message":"It \"failed\"","retryable":true}})"},
  };
}

std::vector<Sample> task_samples() {
  return {
      {TaskExpanded{"task_1", {{"task_2", {"7"}}}},
       R"({"task_id":"task_1","items":[{"task_id":"task_2","item":7}]})"},
      {TaskReady{"task_1", JsonText{R"({"x":1})"}}, R"({"task_id":"task_1","input":{"x":1}})"},
      {TaskSkipped{"task_1", "when"}, R"({"task_id":"task_1","reason":"when"})"},
      {TaskChildStarted{"task_1", "run_2", {"{}"}},
       R"({"task_id":"task_1","run_id":"run_2","input":{}})"},
      {TaskApprovalRequested{"task_1", {"{}"}, "cafe", {"reviewer"}, 9},
       R"({"task_id":"task_1","input":{},"content_sha256":"cafe","roles":["reviewer"],"deadline_us":9})"},
      {TaskApproved{"task_1", "cafe", "fine"},
       R"({"task_id":"task_1","content_sha256":"cafe","comment":"fine"})"},
      {TaskRejected{"task_1", "cafe", "no"},
       R"({"task_id":"task_1","content_sha256":"cafe","comment":"no"})"},
      {TaskReviewRequested{
           "task_1", 1, "case", 2, {"{}"}, {"[]"}, JsonText{"{}"}, "cafe", {"reviewer"}, 9},
       R"({"task_id":"task_1","attempt":1,"name":"case","round":2,"body":{},"validation":[],"schema":{},"content_sha256":"cafe","roles":["reviewer"],"deadline_us":9})"},
      {TaskReviewed{"task_1", "case", 2, true, "cafe", JsonText{"{}"}, "well"},
       R"({"task_id":"task_1","name":"case","round":2,"approved":true,"content_sha256":"cafe","corrected":{},"feedback":"well"})"},
      {TaskLeased{"task_1", 2, "lease_1", "wrk_1", "local-1", "1.0.0", "cafe", true},
       R"({"task_id":"task_1","attempt":2,"lease_id":"lease_1","worker_id":"wrk_1","worker_name":"local-1","plugin_version":"1.0.0","plugin_sha256":"cafe","remote":true})"},
      {TaskProgressed{"task_1", 1, 12.5, "half"},
       R"({"task_id":"task_1","attempt":1,"percent":12.5,"message":"half"})"},
      {TaskEmitted{"task_1", 1, "text.delta", {R"(["x",1])"}},
       R"({"task_id":"task_1","attempt":1,"type":"text.delta","data":["x",1]})"},
      {TaskLogged{"task_1", 1, "info", "line"},
       R"({"task_id":"task_1","attempt":1,"level":"info","text":"line"})"},
      {TaskStepCompleted{"task_1", 1, MemoKind::kPoll, "submit", {"null"}},
       R"({"task_id":"task_1","attempt":1,"kind":"poll","name":"submit","result":null})"},
      {TaskWaiting{"task_1", 1, WaitKind::kPoll, "render", 0, 77, true},
       R"({"task_id":"task_1","attempt":1,"kind":"poll","name":"render","due_us":0,"deadline_us":77,"lease_kept":true})"},
      {TaskLeaseLost{"task_1", 1, "lease_1", "worker_lost", true},
       R"({"task_id":"task_1","attempt":1,"lease_id":"lease_1","reason":"worker_lost","charged":true})"},
      {TaskRetryScheduled{"task_1", 1, true, {"c", "m", true}, 750, 88},
       R"({"task_id":"task_1","attempt":1,"timed_out":true,"error":{"code":"c","message":"m","retryable":true},"delay_ms":750,"due_us":88})"},
      {TaskSucceeded{"task_1", 1, {R"({"ok":true})"}},
       R"({"task_id":"task_1","attempt":1,"output":{"ok":true}})"},
      {TaskFailed{"task_1", 0, {"c", "m", false}},
       R"({"task_id":"task_1","attempt":0,"error":{"code":"c","message":"m","retryable":false}})"},
      {TaskTimedOut{"task_1", 0, "queue", {"c", "m", false}},
       R"({"task_id":"task_1","attempt":0,"which":"queue","error":{"code":"c","message":"m","retryable":false}})"},
      {TaskCanceled{"task_1", 0}, R"({"task_id":"task_1","attempt":0})"},
      {TaskReused{"task_1", "task_0", TaskStatus::kSucceeded, JsonText{"[1]"}, {}},
       R"({"task_id":"task_1","from_task_id":"task_0","status":"succeeded","output":[1]})"},
  };
}

std::vector<Sample> remote_samples() {
  const Error error{"c", "m", false};
  return {
      {RemoteIntended{"task_1", 2, 1, "coze", "task_1-0-1", "lease_1",
                      RemotePlaceholder{"res_1", "clip.mp4", "video/mp4"}, "not_found"},
       R"({"task_id":"task_1","attempt":2,"ordinal":1,"provider":"coze","idempotency_key":"task_1-0-1","lease_id":"lease_1","resource":{"resource_id":"res_1","name":"clip.mp4","media_type":"video/mp4"},"after":"not_found"})"},
      {RemoteSubmitted{"task_1", 2, 1, "coze", "task_1-0-1", "job-7", "res_1", true},
       R"({"task_id":"task_1","attempt":2,"ordinal":1,"provider":"coze","idempotency_key":"task_1-0-1","execute_id":"job-7","resource_id":"res_1","found":true})"},
      {RemoteFailed{"task_1", 2, 1, "coze", "task_1-0-1", error},
       R"({"task_id":"task_1","attempt":2,"ordinal":1,"provider":"coze","idempotency_key":"task_1-0-1","error":{"code":"c","message":"m","retryable":false}})"},
      {RemoteUnknown{"task_1", 2, 1, "coze", "task_1-0-1", error},
       R"({"task_id":"task_1","attempt":2,"ordinal":1,"provider":"coze","idempotency_key":"task_1-0-1","error":{"code":"c","message":"m","retryable":false}})"},
      {RemoteResolved{"task_1", 1, "coze", "task_1-0-1", RemoteOutcome::kNotSubmitted, "job-7",
                      "res_1", "seen"},
       R"({"task_id":"task_1","ordinal":1,"provider":"coze","idempotency_key":"task_1-0-1","outcome":"not_submitted","execute_id":"job-7","resource_id":"res_1","message":"seen"})"},
      {RemoteCancelRequested{"task_1", 1, "coze", "job-7"},
       R"({"task_id":"task_1","ordinal":1,"provider":"coze","execute_id":"job-7"})"},
      {ResourceCreated{"res_1", "task_1", "a.png", "image/png", "image", ResourceStatus::kRunning,
                       "job-7"},
       R"({"resource_id":"res_1","task_id":"task_1","name":"a.png","media_type":"image/png","task_type":"image","status":"running","execute_id":"job-7"})"},
      {ResourceSucceeded{"res_1", "beef", 1234, "image/webp"},
       R"({"resource_id":"res_1","sha256":"beef","size":1234,"media_type":"image/webp"})"},
      {ResourceFailed{"res_1", error},
       R"({"resource_id":"res_1","error":{"code":"c","message":"m","retryable":false}})"},
  };
}

std::vector<Sample> system_samples() {
  return {
      {TokenCreated{"tok_1", "acme", "alice", {"viewer", "admin"}, "f00d"},
       R"({"token_id":"tok_1","tenant":"acme","user":"alice","roles":["viewer","admin"],"secret_sha256":"f00d"})"},
      {TaskTypeRegistered{"image", "1.0.0", "cafe", {R"({"risk":[]})"}},
       R"({"name":"image","version":"1.0.0","plugin_sha256":"cafe","manifest":{"risk":[]}})"},
      {WorkerRegistered{"wrk_1", "local-1", 77, 2},
       R"({"worker_id":"wrk_1","name":"local-1","pid":77,"slots":2})"},
      {WorkflowDefined{"teaser", 2, "d", {"{}"}},
       R"({"name":"teaser","version":2,"description":"d","spec":{}})"},
      {WorkflowArchived{"teaser"}, R"({"name":"teaser"})"},
      {ScheduleDefined{"sched_1", "teaser", {"{}"}, {"{}"}, "@daily", "UTC", CatchUp::kAll, 5},
       R"({"schedule_id":"sched_1","workflow":"teaser","input":{},"session":{},"cron":"@daily","zone":"UTC","catch_up":"all","next_us":5})"},
      {ScheduleFired{"sched_1", 5, "run_1", "", 6},
       R"({"schedule_id":"sched_1","due_us":5,"run_id":"run_1","next_us":6})"},
      {ScheduleDeleted{"sched_1"}, R"({"schedule_id":"sched_1"})"},
  };
}

std::vector<Sample> samples() {
  std::vector<Sample> all = run_samples();
  for (const auto& part : {task_samples(), remote_samples(), system_samples()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

eventlog::RecordView record_of(std::string_view type, std::string_view payload) {
  eventlog::RecordView record;
  record.offset = 7;
  record.idx = 3;
  record.time_us = 99;
  record.version = 1;
  record.stream = "run_1";
  record.actor = "user:alice";
  record.type = type;
  record.payload = payload;
  return record;
}

TEST(EventCodec, HasASampleOfEveryEvent) {
  EXPECT_EQ(samples().size(), std::variant_size_v<EventBody>);
}

TEST(EventCodec, WritesThePayloadsThatAreFrozen) {
  for (const Sample& sample : samples()) EXPECT_EQ(encode_payload(sample.body), sample.payload);
}

TEST(EventCodec, ReadsBackWhatItWrote) {
  for (const Sample& sample : samples()) {
    auto record = record_of(type_of(sample.body), sample.payload);
    record.version = version_of(sample.body);
    const Event event = decode_event(record);
    EXPECT_EQ(event.offset, 7u);
    EXPECT_EQ(event.actor, "user:alice");
    EXPECT_EQ(type_of(event.body), type_of(sample.body));
    EXPECT_EQ(encode_payload(event.body), sample.payload);
  }
}

TEST(EventCodec, RefusesAPayloadThatIsNoObject) {
  for (const Sample& sample : samples()) {
    auto record = record_of(type_of(sample.body), "[1");
    record.version = version_of(sample.body);
    EXPECT_THROW(decode_event(record), EventCodecError) << type_of(sample.body);
  }
}

TEST(EventCodec, RefusesAPayloadThatMissesAMember) {
  for (const Sample& sample : samples()) {
    const std::string_view type = type_of(sample.body);
    const bool may_be_empty = sample.payload == "{}" || type == RunSucceeded::kType ||
                              type == RunCancelRequested::kType || type == RunResumed::kType;
    auto record = record_of(type, "{}");
    record.version = version_of(sample.body);
    if (!may_be_empty) {
      EXPECT_THROW(decode_event(record), EventCodecError) << type;
    }
  }
}

// Payloads of versions that are not written any more: what is on users' disks.
TEST(EventCodec, ReadsRunsOfVersion1AsRunsThatEndWithTheirTask) {
  const Event event = decode_event(record_of(
      "run.created",
      R"({"run_id":"run_1","spec":{"steps":[{"id":"main","task":"image","task_id":"task_1","input":{"prompt":"猫"}}]},"labels":{"a":"b"},"session":{"user":"u"},"priority":-3,"idempotency_key":"key-1","request_sha256":"ab"})"));
  const auto& created = std::get<RunCreated>(event.body);
  EXPECT_EQ(created.tasks, (std::vector<PlannedTask>{{"main", "task_1"}}));
  EXPECT_EQ(created.plan->spec, single_task_spec("image", {R"({"prompt":"猫"})"}));
  EXPECT_EQ(created.plan->session.text, R"({"user":"u"})");
  EXPECT_EQ(created.idempotency_key, "key-1");
  EXPECT_EQ(created.overdue_after_ms, 86'400'000u);
}

TEST(EventCodec, TakesWhatLooksLikeAReferenceInVersion1AsText) {
  const Event event = decode_event(record_of(
      "run.created",
      R"({"run_id":"run_1","spec":{"steps":[{"id":"main","task":"image","task_id":"task_1","input":{"a":["${x}"]}}]},"labels":{},"session":{},"priority":0})"));
  EXPECT_EQ(std::get<RunCreated>(event.body).plan->spec,
            single_task_spec("image", {R"({"a":["${x}"]})"}));
}

// What may be submitted has to be readable for ever.
TEST(EventCodec, ReadsBackTheLargestAndDeepestInputThatMayBeSubmitted) {
  constexpr std::size_t kDepth = 63;
  const std::string deep =
      R"({"d":)" + std::string(kDepth - 1, '[') + R"("${")" + std::string(kDepth - 1, ']') + "}";
  const std::string large = R"({"p":")" + std::string(4'000'000, 'x') + "\"}";
  for (const std::string& input : {deep, large}) {
    RunCreated created = run_created();
    created.plan = std::make_shared<const RunPlan>(
        RunPlan{single_task_spec("image", {input}), {"{}"}, {"{}"}});
    auto record = record_of(RunCreated::kType, "");
    record.version = RunCreated::kVersion;
    const std::string payload = encode_payload(created);
    record.payload = payload;
    const Event event = decode_event(record);
    EXPECT_TRUE(*std::get<RunCreated>(event.body).plan == *created.plan);
  }
}

TEST(EventCodec, ReadsOtherEventsOfVersion1) {
  const auto read = [](std::string_view type, std::string_view payload) {
    return encode_payload(decode_event(record_of(type, payload)).body);
  };
  const std::string leased =
      R"({"task_id":"task_1","attempt":2,"lease_id":"lease_1","worker_id":"wrk_1","worker_name":"local-1","plugin_version":"1.0.0","plugin_sha256":"cafe"})";
  EXPECT_EQ(read("task.leased", leased), leased);
  EXPECT_EQ(read("task.step_completed",
                 R"({"task_id":"task_1","attempt":1,"name":"submit","result":null})"),
            R"({"task_id":"task_1","attempt":1,"kind":"step","name":"submit","result":null})");
  const std::string waiting =
      R"({"task_id":"task_1","attempt":1,"kind":"poll","name":"render","due_us":77})";
  EXPECT_EQ(read("task.waiting", waiting), waiting);
  EXPECT_EQ(read("task.ready", R"({"task_id":"task_1"})"), R"({"task_id":"task_1"})");
  EXPECT_EQ(read("run.cancel_requested", "{}"), "{}");
  EXPECT_EQ(read("run.succeeded", "{}"), "{}");
  EXPECT_EQ(read("run.resumed", "{}"), "{}");
  EXPECT_EQ(read("run.paused", R"({"reason":"manual"})"), R"({"reason":"manual"})");
  const std::string created =
      R"({"resource_id":"res_1","task_id":"task_1","name":"a.png","media_type":"image/png"})";
  EXPECT_EQ(read("resource.created", created), created);
  const std::string stored = R"({"resource_id":"res_1","sha256":"beef","size":1234})";
  EXPECT_EQ(read("resource.succeeded", stored), stored);
}

TEST(EventCodec, NamesTypeVersionAndOffsetOfWhatItDoesNotKnow) {
  auto record = record_of("run.teleported", "{}");
  record.version = 9;
  try {
    decode_event(record);
    FAIL() << "an unknown event was taken";
  } catch (const EventCodecError& refused) {
    EXPECT_NE(std::string(refused.what()).find("'run.teleported' version 9 at offset 7"),
              std::string::npos)
        << refused.what();
  }
}

TEST(EventCodec, RefusesAKnownTypeInAnUnknownVersion) {
  auto record = record_of("run.started", "{}");
  record.version = 2;
  EXPECT_THROW(decode_event(record), EventCodecError);
}

}  // namespace
}  // namespace runledger::core
