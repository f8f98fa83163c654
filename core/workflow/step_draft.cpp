#include "core/workflow/step_draft.h"

#include "core/workflow/condition_form.h"
#include "core/workflow/reference_syntax.h"

namespace runledger::core {
namespace {

constexpr std::uint32_t kReviewRoundsMax = 100;
constexpr double kRetryFactorMax = 10;

void read_id(const SpecReader& reader, StepSpec& step) {
  const JsonNode* id = reader.find("id");
  const std::string form =
      "an id of 1 to " + std::to_string(kStepIdBytesMax) + " letters, digits, '_' and '-'";
  if (id == nullptr) {
    reader.complain("id", "Expected " + form + ", but there is none");
  } else if (!id->is_string() || !is_step_id(id->text)) {
    reader.complain("id", expected(form, *id));
  } else {
    step.id = id->text;
  }
}

void read_work(const SpecReader& reader, StepSpec& step) {
  const bool task = reader.find("task") != nullptr;
  const bool workflow = reader.find("workflow") != nullptr;
  reader.name("task", step.task_type);
  reader.name("workflow", step.workflow);
  if (task == workflow) {
    reader.errors().add(reader.pointer(),
                        std::string("Expected either 'task' or 'workflow', but ") +
                            (task ? "both are there" : "there is neither"));
  }
}

void read_input(const SpecReader& reader, StepDraft& draft) {
  draft.input = reader.object("input");
  draft.step.input.text = draft.input == nullptr ? "{}" : json_text(*draft.input);
  draft.step.input_has_references = has_references(draft.step.input.text);
}

void read_when(const SpecReader& reader, StepDraft& draft) {
  draft.when = reader.find("when");
  if (draft.when == nullptr) return;
  for (ReferenceError& problem : condition_problems(*draft.when, reader.at("when"))) {
    if (!problem.reference.empty()) problem.message += ", but got '" + problem.reference + "'";
    reader.errors().add(std::move(problem.pointer), std::move(problem.message));
  }
  draft.step.when = JsonText{json_text(*draft.when)};
}

void read_for_each(const SpecReader& step_reader, StepDraft& draft) {
  const JsonNode* node = step_reader.object("for_each");
  if (node == nullptr) return;
  const SpecReader reader(*node, step_reader.at("for_each"), step_reader.errors());
  reader.allow_only({"items", "parallel"});
  ForEach& for_each = draft.step.for_each.emplace();
  reader.natural("parallel", {0, kForEachItemsMax}, for_each.parallel);
  const JsonNode* items = reader.find("items");
  const std::string form = "an array, or a string that is one whole reference to an array";
  if (items == nullptr) {
    return reader.complain("items", "Expected " + form + ", but there is none");
  }
  draft.items = items;
  for_each.items.text = json_text(*items);
  if (items->is_array()) {
    if (items->values().size() > kForEachItemsMax) {
      reader.complain("items", "Expected at most " + std::to_string(kForEachItemsMax) +
                                   " items, but there are " +
                                   std::to_string(items->values().size()));
    }
    return;
  }
  // A malformed reference has its own error when the references are checked.
  const bool malformed = items->is_string() &&
                         std::holds_alternative<MalformedReference>(split_references(items->text));
  if (malformed || (items->is_string() && whole_reference(items->text))) return;
  reader.complain("items", expected(form, *items));
}

void read_approval(const SpecReader& step_reader, StepSpec& step) {
  const JsonNode* node = step_reader.object("approval");
  if (node == nullptr) return;
  const SpecReader reader(*node, step_reader.at("approval"), step_reader.errors());
  reader.allow_only({"roles", "timeout_ms"});
  Approval& approval = step.approval.emplace();
  approval.roles = {"reviewer"};
  reader.roles("roles", approval.roles);
  reader.duration_ms("timeout_ms", approval.timeout_ms);
}

void read_review(const SpecReader& step_reader, ReviewPolicy& review) {
  review.roles = {"reviewer"};
  const JsonNode* node = step_reader.object("review");
  if (node == nullptr) return;
  const SpecReader reader(*node, step_reader.at("review"), step_reader.errors());
  reader.allow_only({"roles", "on_reject", "rounds_max", "timeout_ms"});
  reader.roles("roles", review.roles);
  // The words are in the order of the enumerators.
  auto on_reject = static_cast<std::size_t>(review.on_reject);
  reader.word("on_reject", {"end", "regenerate"}, on_reject);
  review.on_reject = static_cast<OnReject>(on_reject);
  reader.natural("rounds_max", {1, kReviewRoundsMax}, review.rounds_max);
  reader.duration_ms("timeout_ms", review.timeout_ms);
}

void read_retry(const SpecReader& step_reader, RetryPolicy& retry) {
  const JsonNode* node = step_reader.object("retry");
  if (node == nullptr) return;
  const SpecReader reader(*node, step_reader.at("retry"), step_reader.errors());
  reader.allow_only(
      {"max_attempts", "initial_ms", "factor", "max_ms", "total_ms", "not_retryable"});
  reader.natural("max_attempts", {1, kRetryAttemptsMax}, retry.max_attempts);
  reader.duration_ms("initial_ms", retry.initial_ms);
  reader.real("factor", 1, kRetryFactorMax, retry.factor);
  reader.duration_ms("max_ms", retry.max_ms);
  reader.duration_ms("total_ms", retry.total_ms);
  reader.texts("not_retryable", retry.not_retryable);
}

}  // namespace

StepDraft read_step(const JsonNode& node, std::string pointer, SpecErrors& errors) {
  StepDraft draft;
  draft.pointer = std::move(pointer);
  if (!node.is_object()) {
    errors.add(draft.pointer, expected("a step, which is an object", node));
    return draft;
  }
  const SpecReader reader(node, draft.pointer, errors);
  reader.allow_only({"id", "task", "workflow", "input", "needs", "when", "for_each", "approval",
                     "review", "retry", "timeout_ms", "attempt_timeout_ms", "queue_timeout_ms",
                     "heartbeat_timeout_ms", "on_error"});
  read_id(reader, draft.step);
  read_work(reader, draft.step);
  read_input(reader, draft);
  draft.needs = reader.find("needs");
  read_when(reader, draft);
  read_for_each(reader, draft);
  read_approval(reader, draft.step);
  read_review(reader, draft.step.review);
  read_retry(reader, draft.step.retry);
  reader.duration_ms("timeout_ms", draft.step.timeouts.total_ms);
  reader.duration_ms("attempt_timeout_ms", draft.step.timeouts.attempt_ms);
  reader.duration_ms("queue_timeout_ms", draft.step.timeouts.queue_ms);
  reader.duration_ms("heartbeat_timeout_ms", draft.step.timeouts.heartbeat_ms);
  // The words are in the order of the enumerators.
  auto on_error = static_cast<std::size_t>(draft.step.on_error);
  reader.word("on_error", {"pause", "fail", "continue"}, on_error);
  draft.step.on_error = static_cast<OnError>(on_error);
  return draft;
}

}  // namespace runledger::core
