#include "core/domain/run_scope.h"

#include <algorithm>
#include <stdexcept>

#include "core/base/json_writer.h"

namespace runledger::core {

const TaskState& main_task(const RunState& run, std::string_view step_id) {
  const auto found = std::find_if(run.tasks.begin(), run.tasks.end(), [&](const TaskState& task) {
    return task.step == step_id && !task.item_index;
  });
  if (found == run.tasks.end()) throw std::logic_error("no step " + std::string(step_id));
  return *found;
}

ReferenceScope scope_of(const RunState& run, const TaskState* task) {
  ReferenceScope scope;
  scope.run_id = run.run_id;
  scope.run_input = run.plan->input.text;
  scope.label = [&run](std::string_view name) -> std::optional<std::string> {
    const auto found = run.labels.find(std::string(name));
    if (found == run.labels.end()) return std::nullopt;
    return json_quoted(found->second);
  };
  scope.step = [&run](std::string_view step_id) -> std::optional<std::string> {
    const TaskState& of = main_task(run, step_id);
    return JsonWriter()
        .text("status", to_text(of.status))
        .json("output", of.output ? of.output->text : "null")
        .take();
  };
  if (task != nullptr && task->item) {
    scope.item = task->item->text;
    scope.index = task->item_index;
  }
  return scope;
}

}  // namespace runledger::core
