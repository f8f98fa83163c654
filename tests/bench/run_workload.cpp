#include "tests/bench/run_workload.h"

#include "core/domain/event_codec.h"
#include "core/domain/policy.h"

namespace runledger::core::bench {
namespace {

constexpr std::uint64_t kFirstReport = 4;
constexpr std::uint64_t kResource = kFirstReport + kReportsPerRun;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

}  // namespace

std::string RunWorkload::id(const char* prefix) {
  std::string digits = number(ids_++);
  return prefix + std::string(26 - digits.size(), '0') + digits;
}

std::string RunWorkload::text(std::size_t length) {
  std::string made(length, ' ');
  for (char& c : made) c = random_() % 6 == 0 ? ' ' : static_cast<char>('a' + random_() % 26);
  return made;
}

void RunWorkload::begin(Run& run) {
  run = {id("run_"), id("task_"), id("res_"), 0};
}

RunCreated RunWorkload::created(const Run& run, const std::string& sha) {
  RunCreated made;
  made.run_id = run.run_id;
  made.plan = std::make_shared<const RunPlan>(
      RunPlan{single_task_spec("image", {R"({"prompt":")" + text(60) + R"(","width":1280})"}),
              {"{}"},
              {R"({"workspace":"ws-1"})"}});
  made.tasks = {{"main", run.task_id}};
  made.labels = {{"conversation_id", number(random_() % 1000)}};
  made.overdue_after_ms = Policy{}.overdue_after_ms;
  if (random_() % 4 == 0) {
    made.idempotency_key = "order-" + run.run_id;
    made.request_sha256 = sha;
  }
  return made;
}

EventBody RunWorkload::body_of(const Run& run) {
  const std::string sha(64, 'a');
  switch (run.idx) {
    case 0:
      return created(run, sha);
    case 1:
      return TaskReady{run.task_id, {}};
    case 2:
      return RunStarted{};
    case 3:
      return TaskLeased{run.task_id, 1, id("lease_"), "wrk_1", "local-1", "1.0.0", sha, false};
    case kResource:
      return ResourceCreated{
          run.resource_id,          run.task_id, "picture.png", "image/png", "image",
          ResourceStatus::kPending, ""};
    case kResource + 1:
      return ResourceSucceeded{run.resource_id, sha, 123'456, ""};
    case kResource + 2:
      return TaskSucceeded{run.task_id, 1, {R"({"resource_id":")" + run.resource_id + "\"}"}};
    case kResource + 3:
      return RunSucceeded{{}};
    default:
      break;
  }
  if (run.idx % 2 == 0) {
    return TaskProgressed{run.task_id, 1, static_cast<double>(2 * run.idx - 8), text(24)};
  }
  return TaskEmitted{run.task_id, 1, "text.delta", {R"({"delta":")" + text(60) + "\"}"}};
}

eventlog::StreamAppend RunWorkload::next() {
  Run& run = runs_[turn_++ % runs_.size()];
  if (run.run_id.empty()) begin(run);
  const EventBody body = body_of(run);
  eventlog::StreamAppend append;
  append.stream = run.run_id;
  append.expected_idx = run.idx++;
  append.events.push_back({time_us_ += 50, "acme", "alice", std::string(type_of(body)),
                           version_of(body), "worker:local-1", id("cmd_"), encode_payload(body)});
  if (run.idx == kResource + 4) run = {};
  return append;
}

}  // namespace runledger::core::bench
