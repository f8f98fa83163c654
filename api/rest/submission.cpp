#include "api/rest/submission.h"

#include <array>

#include "api/rest/json_body.h"
#include "api/rest/replies.h"
#include "core/base/sha256.h"

namespace runledger::api {
namespace {

constexpr std::array kMembers{"task", "input", "labels", "session", "priority"};
constexpr std::array kLaterMembers{"workflow", "spec", "concurrency", "start_at"};

class Reading {
 public:
  Reading(const Json& body, core::SubmitRun& submit) : body_(body), submit_(submit) {}

  void read(core::Engine& engine) {
    check_members();
    read_labels();
    read_session();
    read_priority();
    read_task(engine);
  }
  std::vector<FieldError> errors;
  std::string code = "invalid_request";

 private:
  void complain(std::string pointer, std::string message) {
    errors.push_back({std::move(pointer), std::move(message)});
  }

  void check_members() {
    for (const auto& [name, value] : body_.items()) {
      const auto is = [&](const char* each) {
        return name == each;
      };
      if (std::any_of(kMembers.begin(), kMembers.end(), is)) continue;
      const bool later = std::any_of(kLaterMembers.begin(), kLaterMembers.end(), is);
      complain("/" + pointer_token(name),
               later ? "This version runs single tasks; it has no '" + name + "' yet"
                     : "There is no such member");
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
      const bool fits = value.is_string() && !name.empty() && name.size() <= kLabelNameBytesMax &&
                        value.get_ref<const std::string&>().size() <= kLabelValueBytesMax;
      if (!fits) {
        complain("/labels/" + pointer_token(name),
                 "Expected a name of 1 to " + std::to_string(kLabelNameBytesMax) +
                     " bytes and a string of at most " + std::to_string(kLabelValueBytesMax));
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
    submit_.session = {"{}"};
    const auto session = body_.find("session");
    if (session == body_.end()) return;
    const std::string text = session->dump();
    if (!session->is_object() || text.size() > kSessionBytesMax) {
      return complain("/session", "Expected an object of at most " +
                                      std::to_string(kSessionBytesMax) + " bytes");
    }
    submit_.session = {text};
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

  void read_task(core::Engine& engine) {
    const auto task = body_.find("task");
    if (task == body_.end()) return complain("/task", "Expected the name of a task type");
    if (!task->is_string()) return complain("/task", "Expected a string");
    const std::string name = task->get<std::string>();
    const auto types = engine.task_types().snapshot();
    const auto type = types->find(name);
    if (type == types->end()) {
      code = "unknown_task_type";
      return complain("/task", "There is no task type '" + name.substr(0, 100) +
                                   "'; GET /v1/task-types lists what there is");
    }
    const auto input = body_.find("input");
    const std::string text = input == body_.end() ? "{}" : input->dump();
    if (input != body_.end() && !input->is_object()) {
      return complain("/input", "Expected an object");
    }
    for (const core::SchemaViolation& violation : type->second.input_schema->check(text)) {
      if (errors.empty()) code = "schema_violation";
      complain("/input" + violation.pointer, violation.message);
    }
    submit_.steps.push_back({"main", name, engine.ids().make("task"), {text}});
  }

  const Json& body_;
  core::SubmitRun& submit_;
};

std::optional<Problem> read_idempotency_key(const Request& request, core::SubmitRun& submit) {
  const std::string_view key = request.header("idempotency-key");
  if (!request.headers.contains("idempotency-key")) return std::nullopt;
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > kIdempotencyKeyBytesMax || !printable) {
    return bad_request("invalid_idempotency_key", "Expected an Idempotency-Key of 1 to " +
                                                      std::to_string(kIdempotencyKeyBytesMax) +
                                                      " printable ASCII characters without spaces");
  }
  submit.idempotency_key = key;
  submit.request_sha256 = core::sha256_hex(request.body);
  return std::nullopt;
}

}  // namespace

std::variant<core::SubmitRun, Problem> read_submission(const Request& request,
                                                       core::Engine& engine) {
  core::SubmitRun submit;
  if (auto refused = read_idempotency_key(request, submit)) return *refused;
  auto body = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&body)) return *refused;
  Reading reading(std::get<Json>(body), submit);
  reading.read(engine);
  if (!reading.errors.empty()) {
    const FieldError& first = reading.errors.front();
    return bad_request(reading.code, first.pointer + ": " + first.message, reading.errors);
  }
  submit.run_id = engine.ids().make("run");
  return submit;
}

}  // namespace runledger::api
