#include "core/domain/step_start.h"

#include <algorithm>
#include <set>

#include "core/base/json_writer.h"
#include "core/base/sha256.h"
#include "core/domain/run_scope.h"
#include "core/workflow/condition.h"
#include "core/workflow/json_items.h"
#include "core/workflow/resolver.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

bool is_item_of(const TaskState& task, const TaskState& group) {
  return task.item_index && task.step_number == group.step_number;
}

// Has it never got to anything? A task that comes back is not asked its condition again.
bool is_fresh(const TaskState& task) {
  return task.first_ready_us == 0 && !task.approved;
}

bool is_settled(const RunState& run, const TaskState& task) {
  if (!is_ended(task.status)) return false;
  const bool failed = task.status == TaskStatus::kFailed || task.status == TaskStatus::kTimedOut;
  return !failed || run.step_of(task).on_error == OnError::kContinue;
}

// What the plan of a run of it takes, roughly.
std::size_t bytes_of(const WorkflowSpec& spec) {
  constexpr std::size_t kStepBytes = 512;
  std::size_t bytes = spec.output ? spec.output->text.size() : 0;
  for (const StepSpec& step : spec.steps) {
    bytes += kStepBytes + step.input.text.size() + (step.when ? step.when->text.size() : 0) +
             (step.for_each ? step.for_each->items.text.size() : 0);
  }
  return bytes;
}

}  // namespace

void StepStart::fail(const TaskState& task, std::string code, std::string message) {
  add(TaskFailed{task.task_id, 0, {std::move(code), std::move(message), false}});
}

// --- groups ---

// Each event of a run looks here: outputs are joined once, when all of them are there.
void StepStart::complete_groups() {
  std::set<std::uint32_t> open;  // step numbers
  for (const TaskState& task : run_.tasks) {
    if (task.item_index && !is_settled(run_, task)) open.insert(task.step_number);
  }
  for (const TaskState& group : run_.tasks) {
    if (!group.is_group || group.status != TaskStatus::kRunning) continue;
    if (!open.contains(group.step_number)) complete(group);
  }
}

void StepStart::complete(const TaskState& group) {
  JsonArray outputs;
  std::size_t bytes = 0;
  for (const TaskState& task : run_.tasks) {
    if (!is_item_of(task, group)) continue;
    const std::string_view output = task.output ? std::string_view(task.output->text) : "null";
    bytes += output.size();
    if (bytes > kResolvedBytesMax) {
      return fail(group, "output_too_large",
                  "The outputs of step '" + group.step + "' have more than " +
                      std::to_string(kResolvedBytesMax) +
                      " bytes together; store them as artifacts");
    }
    outputs.add(output);
  }
  add(TaskSucceeded{group.task_id, 0, {outputs.take()}});
}

bool StepStart::has_room_in_group(const TaskState& task) const {
  const std::uint32_t parallel = run_.step_of(task).for_each->parallel;
  const auto found = active_.find(task.step_number);
  return parallel == 0 || found == active_.end() || found->second < parallel;
}

void StepStart::count_active() {
  for (const TaskState& task : run_.tasks) {
    if (!task.item_index) continue;
    if (!is_ended(task.status) && task.status != TaskStatus::kBlocked) ++active_[task.step_number];
  }
}

bool StepStart::has_just_failed(const TaskState& task) const {
  const auto* failed = facts_.empty() ? nullptr : std::get_if<TaskFailed>(&facts_.back().body);
  return failed != nullptr && failed->task_id == task.task_id;
}

// --- which may begin ---

bool StepStart::needs_are_settled(const StepSpec& step) const {
  return std::all_of(step.needs.begin(), step.needs.end(),
                     [&](const std::string& id) { return is_settled(run_, main_task(run_, id)); });
}

bool StepStart::needs_were_skipped(const StepSpec& step) const {
  return !step.needs.empty() &&
         std::all_of(step.needs.begin(), step.needs.end(), [&](const std::string& id) {
           return main_task(run_, id).status == TaskStatus::kSkipped;
         });
}

bool StepStart::may_begin(const TaskState& task) const {
  if (task.status != TaskStatus::kBlocked) return false;
  if (task.item_index) return !is_fresh(task) || has_room_in_group(task);
  return !is_fresh(task) || needs_are_settled(run_.step_of(task));
}

void StepStart::begin_steps() {
  count_active();
  for (const TaskState& task : run_.tasks) {
    if (!may_begin(task)) continue;
    begin(task);
    if (!task.item_index) continue;
    // One that fails at once and stops nothing leaves its place to the next: a thousand of them
    // are one round, not a thousand.
    const bool keeps_place =
        !has_just_failed(task) || run_.step_of(task).on_error != OnError::kContinue;
    if (keeps_place) ++active_[task.step_number];
  }
}

// --- how they begin ---

void StepStart::begin(const TaskState& task) {
  const StepSpec& step = run_.step_of(task);
  if (is_fresh(task) && !task.item_index) {
    if (needs_were_skipped(step)) return add(TaskSkipped{task.task_id, "needs"});
    if (step.when && !condition_holds(task, step)) return;
    if (step.for_each) return expand(task, *step.for_each);
  }
  begin_task(task, step);
}

// False: the task has been skipped or failed.
bool StepStart::condition_holds(const TaskState& task, const StepSpec& step) {
  ReferenceValues* values = seen_by(task);
  if (values == nullptr) return false;
  const auto result = holds(step.when->text, *values);
  if (const auto* error = std::get_if<ReferenceError>(&result)) {
    fail(task, "bad_reference",
         "The condition of step '" + step.id + "' at " + error->pointer + ": " + error->message);
    return false;
  }
  if (!std::get<bool>(result)) add(TaskSkipped{task.task_id, "when"});
  return std::get<bool>(result);
}

void StepStart::expand(const TaskState& group, const ForEach& for_each) {
  const auto list = resolved(group, for_each.items);
  if (!list) return;
  const auto items = split_array(list->text);
  if (!items || items->size() > kForEachItemsMax) {
    return fail(group, "bad_items",
                "Expected the items of step '" + group.step + "' to be an array of at most " +
                    std::to_string(kForEachItemsMax) + " values");
  }
  if (items->empty()) return add(TaskSucceeded{group.task_id, 0, {"[]"}});
  if (run_.tasks.size() + expanded_ + items->size() > kRunTasksMax) {
    return fail(group, "too_many_tasks",
                "Expected a run of at most " + std::to_string(kRunTasksMax) +
                    " tasks; give parts of the list to sub-workflows");
  }
  if (!take_bytes(group, list->text.size())) return;
  expanded_ += items->size();
  TaskExpanded expanded;
  expanded.task_id = group.task_id;
  for (const JsonText& item : *items) expanded.items.push_back({around_.ids->make("task"), item});
  add(std::move(expanded));
}

std::optional<JsonText> StepStart::resolved(const TaskState& task, const JsonText& text) {
  ReferenceValues* values = seen_by(task);
  if (values == nullptr) return std::nullopt;
  auto result = resolve(text.text, *values);
  if (auto* value = std::get_if<JsonText>(&result)) return std::move(*value);
  const auto& error = std::get<ReferenceError>(result);
  fail(task, "bad_reference",
       "The input of step '" + task.step + "' at " + error.pointer + ": " + error.reference + ": " +
           error.message);
  return std::nullopt;
}

ReferenceValues* StepStart::seen_by(const TaskState& task) {
  if (around_.values->is_spent()) {
    fail(task, "references_too_large",
         "Expected the references of steps that begin together to go over at most " +
             std::to_string(kReferenceWorkBytesMax) +
             " bytes; pass references to artifacts instead");
    return nullptr;
  }
  scope_ = scope_of(run_, &task);
  if (values_ == nullptr) {
    values_ = &around_.values->of(run_.run_id, scope_);
  } else {
    values_->enter_item(scope_);
  }
  return values_;
}

void StepStart::begin_task(const TaskState& task, const StepSpec& step) {
  std::optional<JsonText> input = task.input;  // approved, or used before: it stays
  const bool is_new = !input && step.input_has_references;
  if (is_new) {
    input = resolved(task, step.input);
    if (!input || !take_bytes(task, input->text.size())) return;
    const auto fault = around_.input_fault(step.task_type, *input);
    if (step.workflow.empty() && fault) return fail(task, "schema_violation", *fault);
  }
  if (!step.workflow.empty()) return begin_child(task, step, input.value_or(step.input));
  if (step.approval && !task.approved) return ask_approval(task, step, input.value_or(step.input));
  add(TaskReady{task.task_id, is_new ? input : std::nullopt});
}

void StepStart::ask_approval(const TaskState& task, const StepSpec& step, JsonText input) {
  TaskApprovalRequested asked;
  asked.task_id = task.task_id;
  asked.content_sha256 = sha256_hex(input.text);
  asked.input = std::move(input);
  asked.roles = step.approval->roles;
  if (const auto timeout_ms = static_cast<std::int64_t>(step.approval->timeout_ms)) {
    asked.deadline_us = around_.now_us + timeout_ms * kUsPerMs;
  }
  add(std::move(asked));
}

bool StepStart::take_bytes(const TaskState& task, std::size_t bytes) {
  if (!bytes_) {
    bytes_ = 0;
    for (const TaskState& each : run_.tasks) {
      *bytes_ +=
          (each.input ? each.input->text.size() : 0) + (each.item ? each.item->text.size() : 0);
    }
  }
  if (*bytes_ + bytes > kRunInputBytesMax) {
    fail(task, "inputs_too_large",
         "Expected at most " + std::to_string(kRunInputBytesMax) +
             " bytes of inputs of a run's tasks together; pass references to artifacts instead");
    return false;
  }
  *bytes_ += bytes;
  return true;
}

std::uint32_t StepStart::sub_runs_share(const TaskState& task) const {
  const auto& steps = run_.plan->spec.steps;
  const auto starters = std::count_if(steps.begin(), steps.end(),
                                      [](const StepSpec& step) { return !step.workflow.empty(); });
  const auto siblings =
      !task.item_index ? 1
                       : std::count_if(run_.tasks.begin(), run_.tasks.end(), [&](const auto& each) {
                           return each.item_index && each.step_number == task.step_number;
                         });
  return static_cast<std::uint32_t>(run_.sub_runs_max.value_or(kSubRunsMax) / starters / siblings);
}

// Of the workflow as it is now: nobody is asked to approve what could not be started.
bool StepStart::fits_schema(const TaskState& task, const WorkflowSpec& called,
                            const JsonText& input) {
  if (!called.input_schema) return true;
  const auto fault = around_.schema_fault(*called.input_schema, input);
  if (fault) fail(task, "input_invalid", *fault);
  return !fault;
}

void StepStart::begin_child(const TaskState& task, const StepSpec& step, JsonText input) {
  const auto found = state_.workflows.find(workflow_id(run_.tenant, step.workflow));
  if (found == state_.workflows.end() || found->second.archived) {
    return fail(task, "unknown_workflow",
                "There is no workflow '" + step.workflow + "' that could be started");
  }
  if (!fits_schema(task, *found->second.spec, input)) return;
  if (step.approval && !task.approved) return ask_approval(task, step, std::move(input));
  if (run_.depth + 1 > kWorkflowDepthMax) {
    return fail(task, "too_deep",
                "Expected at most " + std::to_string(kWorkflowDepthMax) +
                    " sub-workflows within each other");
  }
  const std::uint32_t share = sub_runs_share(task);
  if (share == 0) {
    return fail(task, "too_many_sub_runs",
                "Expected at most " + std::to_string(kSubRunsMax) +
                    " runs below one run, shared among its sub-workflow steps and their items");
  }
  if (!take_bytes(task, bytes_of(*found->second.spec) + run_.plan->session.text.size())) return;
  RunCreated child;
  child.run_id = around_.ids->make("run");
  child.workflow = step.workflow;
  child.workflow_version = found->second.version;
  child.plan =
      std::make_shared<const RunPlan>(RunPlan{*found->second.spec, input, run_.plan->session});
  for (const StepSpec& of_child : child.plan->spec.steps) {
    child.tasks.push_back({of_child.id, around_.ids->make("task")});
  }
  child.labels = run_.labels;
  child.priority = run_.priority;
  child.overdue_after_ms = run_.overdue_after_ms;
  child.parent = ParentTask{run_.run_id, task.task_id};
  child.depth = run_.depth + 1;
  child.sub_runs_max = share - 1;
  add(TaskChildStarted{task.task_id, child.run_id, std::move(input)});
  const std::string stream = child.run_id;
  facts_.push_back({stream, run_.tenant, run_.owner, std::move(child)});
}

}  // namespace runledger::core
