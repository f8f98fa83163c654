#include "api/rest/submission.h"

#include <algorithm>
#include <array>
#include <limits>

#include "api/rest/idempotency_key.h"
#include "api/rest/json_body.h"
#include "api/rest/replies.h"
#include "api/rest/spec_check.h"
#include "core/base/sha256.h"
#include "core/base/time_text.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

constexpr std::array kMembers{"task",   "workflow", "version",  "spec",        "input",
                              "labels", "session",  "priority", "concurrency", "start_at"};
constexpr std::size_t kConcurrencyKeyBytesMax = 255;
constexpr std::uint32_t kConcurrencyLimitMax = 10'000;
constexpr std::int64_t kStartAtDaysMax = 366;

// Lists ask for name:value, so a name with a colon would never be found.
bool is_label_name(const std::string& name) {
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7f;
  return !name.empty() && name.size() <= kLabelNameBytesMax &&
         std::none_of(name.begin(), name.end(), [](unsigned char c) {
           return c == ':' || c < kFirstPrintable || c == kDelete;
         });
}

// 0 for what is no number of a version.
std::uint32_t number32(const Json& version) {
  const auto number = version.get<std::uint64_t>();
  return number > std::numeric_limits<std::uint32_t>::max() ? 0
                                                            : static_cast<std::uint32_t>(number);
}

class Reading {
 public:
  Reading(const Json& body, const core::Principal& who, core::Engine& engine,
          core::SubmitRun& submit)
      : body_(body), who_(who), engine_(engine), submit_(submit) {}

  void read() {
    check_members();
    read_labels();
    read_session();
    read_priority();
    read_concurrency();
    read_start_at();
    read_input();
    read_what();
    if (errors.empty()) plan();
  }
  std::vector<FieldError> errors;
  std::string code = "invalid_request";

 private:
  void complain(std::string pointer, std::string message) {
    errors.push_back({std::move(pointer), std::move(message)});
  }

  void check_members() {
    for (const auto& [name, value] : body_.items()) {
      const bool known = std::any_of(kMembers.begin(), kMembers.end(),
                                     [&](const char* each) { return name == each; });
      if (!known) complain("/" + pointer_token(name), "There is no such member");
    }
  }

  void read_labels() {
    const auto labels = body_.find("labels");
    if (labels == body_.end()) return;
    if (!labels->is_object() || labels->size() > kLabelsMax) {
      return complain("/labels",
                      "Expected an object of at most " + std::to_string(kLabelsMax) + " labels");
    }
    std::size_t bytes = 0;
    for (const auto& [name, value] : labels->items()) {
      const bool fits = value.is_string() && is_label_name(name) &&
                        value.get_ref<const std::string&>().size() <= kLabelValueBytesMax;
      if (!fits) {
        complain("/labels/" + pointer_token(name),
                 "Expected a name of 1 to " + std::to_string(kLabelNameBytesMax) +
                     " bytes without ':' and control characters, and a string of at most " +
                     std::to_string(kLabelValueBytesMax));
        continue;
      }
      submit_.labels[name] = value.get<std::string>();
      bytes += name.size() + submit_.labels[name].size();
    }
    if (bytes > kLabelsBytesMax) {
      complain("/labels",
               "Expected at most " + std::to_string(kLabelsBytesMax) + " bytes of labels");
    }
  }

  void read_session() {
    const auto session = body_.find("session");
    if (session == body_.end()) return;
    const std::string text = session->dump();
    if (!session->is_object() || text.size() > kSessionBytesMax) {
      return complain("/session", "Expected an object of at most " +
                                      std::to_string(kSessionBytesMax) + " bytes");
    }
    session_ = text;
  }

  void read_priority() {
    const auto priority = body_.find("priority");
    if (priority == body_.end()) return;
    const bool huge = priority->is_number_unsigned() && *priority > std::uint64_t{kPriorityMax};
    if (huge || !priority->is_number_integer() || *priority < -kPriorityMax ||
        *priority > kPriorityMax) {
      return complain("/priority", "Expected an integer from " + std::to_string(-kPriorityMax) +
                                       " to " + std::to_string(kPriorityMax));
    }
    submit_.priority = priority->get<std::int32_t>();
  }

  void read_concurrency() {
    const auto found = body_.find("concurrency");
    if (found == body_.end()) return;
    if (!found->is_object()) return complain("/concurrency", "Expected an object");
    core::Concurrency concurrency;
    for (const auto& [name, value] : found->items()) {
      if (name == "key" && value.is_string()) {
        concurrency.key = value.get<std::string>();
      } else if (name == "limit" && value.is_number_unsigned() && value > 0u &&
                 value <= std::uint64_t{kConcurrencyLimitMax}) {
        concurrency.limit = value.get<std::uint32_t>();
      } else if (name != "on_conflict" || !value.is_string() ||
                 !core::from_text(value.get<std::string>(), concurrency.on_conflict)) {
        complain("/concurrency/" + pointer_token(name),
                 "Expected key (text), limit (1 to " + std::to_string(kConcurrencyLimitMax) +
                     ") and on_conflict (reject, queue or replace)");
      }
    }
    if (concurrency.key.empty() || concurrency.key.size() > kConcurrencyKeyBytesMax) {
      complain("/concurrency/key",
               "Expected a key of 1 to " + std::to_string(kConcurrencyKeyBytesMax) + " bytes");
    }
    submit_.concurrency = std::move(concurrency);
  }

  void read_start_at() {
    const auto found = body_.find("start_at");
    if (found == body_.end()) return;
    std::optional<std::int64_t> time_us;
    if (found->is_string()) {
      time_us = core::time_from_rfc3339(found->get_ref<const std::string&>());
    }
    const std::int64_t now_us = engine_.now_us();
    const std::int64_t latest_us = now_us + kStartAtDaysMax * 24 * 3600 * 1'000'000;
    if (!time_us || *time_us > latest_us) {
      return complain("/start_at", "Expected a time like 2026-03-01T12:00:00Z, at most " +
                                       std::to_string(kStartAtDaysMax) + " days ahead");
    }
    submit_.start_at_us = *time_us > now_us ? *time_us : 0;
  }

  void read_input() {
    const auto found = body_.find("input");
    if (found == body_.end()) return;
    if (!found->is_object()) return complain("/input", "Expected an object");
    input_ = found->dump();
  }

  void read_what() {
    const std::array<const char*, 3> ways{"task", "workflow", "spec"};
    const auto given = std::count_if(ways.begin(), ways.end(),
                                     [&](const char* way) { return body_.contains(way); });
    if (given != 1) {
      return complain("/task", "Expected one of: task (a task type), workflow (a name), spec");
    }
    if (body_.contains("version") && !body_.contains("workflow")) {
      complain("/version", "Expected only with workflow");
    }
    if (body_.contains("task")) return read_task();
    if (body_.contains("workflow")) return read_workflow();
    auto spec = read_spec(body_.at("spec"), "/spec", who_, engine_);
    if (auto* faults = std::get_if<SpecFaults>(&spec)) return take(*faults);
    spec_ = std::get<core::WorkflowSpec>(std::move(spec));
  }

  void take(SpecFaults& faults) {
    if (errors.empty()) code = faults.code;
    for (FieldError& error : faults.errors) errors.push_back(std::move(error));
  }

  void read_task() {
    const Json& task = body_.at("task");
    if (!task.is_string()) return complain("/task", "Expected a string");
    const std::string name = task.get<std::string>();
    const auto types = engine_.task_types().snapshot();
    const auto type = types->find(name);
    if (type == types->end()) {
      code = "unknown_task_type";
      return complain("/task", "There is no task type '" + name.substr(0, 100) +
                                   "'; GET /v1/task-types lists what there is");
    }
    for (const core::SchemaViolation& violation : type->second.input_schema->check(input_)) {
      if (errors.empty()) code = "schema_violation";
      complain("/input" + violation.pointer, violation.message);
    }
    spec_ = core::single_task_spec(name, {input_});
    input_ = "{}";
  }

  void read_workflow() {
    const Json& name = body_.at("workflow");
    const Json version = body_.value("version", Json());
    if (!name.is_string() || !(version.is_null() || version.is_number_unsigned())) {
      return complain("/workflow", "Expected a name, and as version a number from 1");
    }
    const core::Reader reader(engine_.storage(), who_);
    submit_.workflow = name.get<std::string>();
    const auto latest = reader.latest_workflow(submit_.workflow);
    submit_.workflow_version = latest ? latest->version : 0;
    if (version.is_number_unsigned()) submit_.workflow_version = number32(version);
    if (!latest || latest->archived) return refuse_workflow(latest.has_value());
    auto spec = reader.workflow_spec(submit_.workflow, submit_.workflow_version);
    if (!spec) {
      code = "unknown_workflow_version";
      return complain("/version", "Workflow '" + submit_.workflow + "' has no version " +
                                      version.dump() + "; the latest is " +
                                      std::to_string(latest->version));
    }
    spec_ = std::move(*spec);
  }

  void refuse_workflow(bool archived) {
    const std::string name = "'" + submit_.workflow.substr(0, 100) + "'";
    if (archived) {
      code = "workflow_archived";
      return complain("/workflow",
                      "Workflow " + name + " is archived; define it again to start it");
    }
    code = "unknown_workflow";
    complain("/workflow",
             "There is no workflow " + name + "; GET /v1/workflows lists what there is");
  }

  void plan() {
    for (FieldError& error : check_run_input(spec_, input_, "/input")) {
      if (errors.empty()) code = "schema_violation";
      errors.push_back(std::move(error));
    }
    if (!errors.empty()) return;
    for (const core::StepSpec& step : spec_.steps) {
      submit_.tasks.push_back({step.id, engine_.ids().make("task")});
    }
    submit_.plan = std::make_shared<const core::RunPlan>(
        core::RunPlan{std::move(spec_), {std::move(input_)}, {std::move(session_)}});
  }

  const Json& body_;
  const core::Principal& who_;
  core::Engine& engine_;
  core::SubmitRun& submit_;
  std::string session_ = "{}";
  std::string input_ = "{}";
  core::WorkflowSpec spec_;
};

// One of a batch: what is wrong with it, and the code of the first that is.
std::vector<FieldError> read_item(const Json& item, const core::Principal& who,
                                  core::Engine& engine, core::SubmitRun& submit,
                                  std::string& code) {
  if (!item.is_object()) {
    if (code.empty()) code = "invalid_request";
    return {{"", "Expected an object"}};
  }
  Reading reading(item, who, engine, submit);
  reading.read();
  if (!reading.errors.empty() && code.empty()) code = reading.code;
  return std::move(reading.errors);
}

// Whoever repeats a request is answered as before, whatever has become since then of what the run
// was made from: nothing else of it is looked at.
bool is_repeated(const Request& request, core::Engine& engine, const std::string& key) {
  return !key.empty() && core::Reader(engine.storage(), request.principal).knows_key(key);
}

}  // namespace

std::variant<core::SubmitRuns, Problem> read_batch(const Request& request, core::Engine& engine) {
  std::string key;
  if (auto refused = read_idempotency_key(request, key)) return *refused;
  const std::string sha256 = key.empty() ? "" : core::sha256_hex(request.body);
  auto body = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&body)) return *refused;
  const Json& whole = std::get<Json>(body);
  const auto runs = whole.find("runs");
  const bool good = whole.size() == 1 && runs != whole.end() && runs->is_array() &&
                    !runs->empty() && runs->size() <= kBatchRunsMax;
  if (!good) {
    const FieldError wrong{"/runs", "Expected an array of 1 to " + std::to_string(kBatchRunsMax) +
                                        " submissions, and nothing beside it"};
    return bad_request("invalid_request", std::vector<FieldError>{wrong});
  }
  core::SubmitRuns batch;
  std::vector<FieldError> errors;
  std::string code;
  const bool repeated = is_repeated(request, engine, core::batch_key(key, 0));
  for (const Json& each : *runs) {
    const std::size_t number = batch.runs.size();
    core::SubmitRun& submit = batch.runs.emplace_back();
    submit.run_id = engine.ids().make("run");
    submit.idempotency_key = core::batch_key(key, number);
    submit.request_sha256 = sha256;
    if (repeated) continue;
    for (FieldError& error : read_item(each, request.principal, engine, submit, code)) {
      if (errors.size() == kBatchErrorsMax) break;
      errors.push_back({"/runs/" + std::to_string(number) + error.pointer, error.message});
    }
  }
  if (!errors.empty()) return bad_request(code, std::move(errors));
  return batch;
}

std::variant<core::SubmitRun, Problem> read_submission(const Request& request,
                                                       core::Engine& engine) {
  core::SubmitRun submit;
  submit.run_id = engine.ids().make("run");
  if (auto refused = read_idempotency_key(request, submit.idempotency_key)) return *refused;
  if (!submit.idempotency_key.empty()) submit.request_sha256 = core::sha256_hex(request.body);
  if (is_repeated(request, engine, submit.idempotency_key)) return submit;
  auto body = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&body)) return *refused;
  Reading reading(std::get<Json>(body), request.principal, engine, submit);
  reading.read();
  if (!reading.errors.empty()) {
    return bad_request(reading.code, std::move(reading.errors));
  }
  return submit;
}

}  // namespace runledger::api
