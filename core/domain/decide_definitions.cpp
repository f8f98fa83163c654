// The part of decide() about workflows and schedules.
#include <algorithm>

#include "core/domain/decide_parts.h"

namespace runledger::core {
namespace {

Rejection no_workflow(const std::string& name) {
  return {RejectionCode::kNotFound, "There is no workflow '" + name + "'", {}};
}

std::size_t schedules_of(const State& state, const std::string& tenant) {
  return static_cast<std::size_t>(
      std::count_if(state.schedules.begin(), state.schedules.end(),
                    [&](const auto& each) { return each.second.tenant == tenant; }));
}

}  // namespace

DecisionResult decide_definition(const State& state, const Command& command,
                                 const DefineWorkflow& define) {
  const auto known = state.workflows.find(workflow_id(command.by.tenant, define.name));
  const std::uint32_t latest = known == state.workflows.end() ? 0 : known->second.version;
  Decision decision;
  const bool same = latest > 0 && !known->second.archived &&
                    known->second.description == define.description &&
                    to_json(*known->second.spec) == define.spec.text;
  if (same) {
    decision.reply = WorkflowAccepted{define.name, latest, known->second.offset, true};
    return decision;
  }
  decision.reply = WorkflowAccepted{define.name, latest + 1, 0, false};
  decision.facts.push_back(
      {std::string(kWorkflowsStream), command.by.tenant, command.by.user,
       WorkflowDefined{define.name, latest + 1, define.description, define.spec}});
  return decision;
}

DecisionResult decide_definition(const State& state, const Command& command,
                                 const ArchiveWorkflow& archive) {
  const auto known = state.workflows.find(workflow_id(command.by.tenant, archive.name));
  if (known == state.workflows.end()) return no_workflow(archive.name);
  Decision decision;
  const WorkflowState& workflow = known->second;
  decision.reply =
      WorkflowAccepted{archive.name, workflow.version, workflow.offset, workflow.archived};
  if (workflow.archived) return decision;
  decision.facts.push_back({std::string(kWorkflowsStream), command.by.tenant, command.by.user,
                            WorkflowArchived{archive.name}});
  return decision;
}

DecisionResult decide_definition(const State& state, const Command& command,
                                 const DefineSchedule& define) {
  const std::string& workflow = define.schedule.workflow;
  const auto known = state.workflows.find(workflow_id(command.by.tenant, workflow));
  if (known == state.workflows.end()) return no_workflow(workflow);
  if (known->second.archived) {
    return Rejection{RejectionCode::kNotFound,
                     "Workflow '" + workflow + "' is archived; define it again to start it",
                     {}};
  }
  const bool is_new = !state.schedules.contains(define.schedule.schedule_id);
  if (is_new && schedules_of(state, command.by.tenant) >= kSchedulesMax) {
    return Rejection{RejectionCode::kInvalid,
                     "Expected at most " + std::to_string(kSchedulesMax) +
                         " schedules of a tenant; delete one that is not needed",
                     {}};
  }
  Decision decision;
  decision.facts.push_back(
      {std::string(kSchedulesStream), command.by.tenant, command.by.user, define.schedule});
  return decision;
}

DecisionResult decide_definition(const State& state, const Command& command,
                                 const DeleteSchedule& remove) {
  const auto known = state.schedules.find(remove.schedule_id);
  if (known == state.schedules.end() ||
      !sees(command.by, known->second.tenant, known->second.owner)) {
    return Rejection{RejectionCode::kNotFound, "There is no schedule " + remove.schedule_id, {}};
  }
  if (!manages(command.by, known->second.tenant, known->second.owner)) {
    return Rejection{RejectionCode::kForbidden,
                     "Schedule " + remove.schedule_id +
                         " is another user's; its owner or an operator may do this",
                     {}};
  }
  Decision decision;
  decision.facts.push_back({std::string(kSchedulesStream), known->second.tenant,
                            known->second.owner, ScheduleDeleted{remove.schedule_id}});
  return decision;
}

}  // namespace runledger::core
