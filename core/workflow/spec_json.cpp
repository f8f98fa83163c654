#include <charconv>

#include "core/workflow/json_node.h"
#include "core/workflow/spec.h"

namespace runledger::core {
namespace {

// One object, member by member; values that are their default are left out.
class Members {
 public:
  void json(std::string_view name, std::string_view text) {
    out_ += out_.empty() ? '{' : ',';
    append_json_string(out_, name);
    out_ += ':';
    out_ += text;
  }
  void json(std::string_view name, const std::optional<JsonText>& value) {
    if (value) json(name, value->text);
  }
  void text(std::string_view name, std::string_view value) {
    std::string quoted;
    append_json_string(quoted, value);
    json(name, quoted);
  }
  void number(std::string_view name, std::uint64_t value, std::uint64_t left_out) {
    if (value != left_out) json(name, std::to_string(value));
  }
  void real(std::string_view name, double value, double left_out) {
    if (value == left_out) return;
    char digits[32];
    json(name, {digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
  }
  void texts(std::string_view name, const std::vector<std::string>& values,
             const std::vector<std::string>& left_out) {
    if (values == left_out) return;
    std::string list = "[";
    for (const std::string& value : values) {
      if (list.size() > 1) list += ',';
      append_json_string(list, value);
    }
    json(name, list + ']');
  }
  void members(std::string_view name, Members inner) {
    if (!inner.out_.empty()) json(name, inner.take());
  }
  std::string take() { return (out_.empty() ? "{" : std::move(out_)) + "}"; }

 private:
  std::string out_;
};

const std::vector<std::string> kReviewer{"reviewer"};

std::string_view to_text(OnError on_error) {
  switch (on_error) {
    case OnError::kPause:
      return "pause";
    case OnError::kFail:
      return "fail";
    case OnError::kContinue:
      return "continue";
  }
  return "";
}

Members retry_members(const RetryPolicy& retry) {
  const RetryPolicy defaults;
  Members out;
  out.number("max_attempts", retry.max_attempts, defaults.max_attempts);
  out.number("initial_ms", retry.initial_ms, defaults.initial_ms);
  out.real("factor", retry.factor, defaults.factor);
  out.number("max_ms", retry.max_ms, defaults.max_ms);
  out.number("total_ms", retry.total_ms, defaults.total_ms);
  out.texts("not_retryable", retry.not_retryable, {});
  return out;
}

Members review_members(const ReviewPolicy& review) {
  const ReviewPolicy defaults;
  Members out;
  out.texts("roles", review.roles, kReviewer);
  if (review.on_reject == OnReject::kEnd) out.text("on_reject", "end");
  out.number("rounds_max", review.rounds_max, defaults.rounds_max);
  out.number("timeout_ms", review.timeout_ms, defaults.timeout_ms);
  return out;
}

std::string approval_json(const Approval& approval) {
  Members out;
  out.texts("roles", approval.roles, kReviewer);
  out.number("timeout_ms", approval.timeout_ms, 0);
  return out.take();
}

std::string for_each_json(const ForEach& for_each) {
  Members out;
  out.json("items", for_each.items.text);
  out.number("parallel", for_each.parallel, 0);
  return out.take();
}

std::string step_json(const StepSpec& step, const StepSpec* before) {
  Members out;
  out.text("id", step.id);
  if (!step.task_type.empty()) out.text("task", step.task_type);
  if (!step.workflow.empty()) out.text("workflow", step.workflow);
  const std::vector<std::string> needs =
      before == nullptr ? std::vector<std::string>{} : std::vector<std::string>{before->id};
  out.texts("needs", step.needs, needs);
  out.json("when", step.when);
  if (step.for_each) out.json("for_each", for_each_json(*step.for_each));
  if (step.input.text != "{}") out.json("input", step.input.text);
  if (step.approval) out.json("approval", approval_json(*step.approval));
  out.members("review", review_members(step.review));
  out.members("retry", retry_members(step.retry));
  out.number("timeout_ms", step.timeouts.total_ms, 0);
  out.number("attempt_timeout_ms", step.timeouts.attempt_ms, 0);
  out.number("queue_timeout_ms", step.timeouts.queue_ms, 0);
  out.number("heartbeat_timeout_ms", step.timeouts.heartbeat_ms, 0);
  if (step.on_error != OnError::kPause) out.text("on_error", to_text(step.on_error));
  return out.take();
}

}  // namespace

std::string to_json(const WorkflowSpec& spec) {
  std::string steps = "[";
  const StepSpec* before = nullptr;
  for (const StepSpec& step : spec.steps) {
    if (before != nullptr) steps += ',';
    steps += step_json(step, before);
    before = &step;
  }
  Members out;
  out.json("steps", steps + ']');
  out.json("output", spec.output);
  out.json("input_schema", spec.input_schema);
  out.number("timeout_ms", spec.timeout_ms, 0);
  return out.take();
}

}  // namespace runledger::core
