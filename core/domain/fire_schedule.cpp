#include "core/domain/fire_schedule.h"

#include "core/schedule/cron.h"

namespace runledger::core {
namespace {

std::int64_t next_after(const ScheduleDefined& defined, std::int64_t time_us) {
  const auto cron = Cron::parse(defined.cron);
  const auto* parsed = std::get_if<Cron>(&cron);
  return parsed == nullptr ? 0 : parsed->next_after(time_us, defined.zone).value_or(0);
}

RunCreated run_of(const ScheduleState& schedule, const WorkflowState& workflow,
                  const Policy& policy, DerivedIds& ids) {
  RunCreated run;
  run.run_id = ids.make("run");
  run.workflow = schedule.defined.workflow;
  run.workflow_version = workflow.version;
  run.plan = std::make_shared<const RunPlan>(
      RunPlan{*workflow.spec, schedule.defined.input, schedule.defined.session});
  for (const StepSpec& step : run.plan->spec.steps) {
    run.tasks.push_back({step.id, ids.make("task")});
  }
  run.labels = {{"schedule_id", schedule.defined.schedule_id}};
  run.overdue_after_ms = policy.overdue_after_ms;
  return run;
}

}  // namespace

std::vector<NewFact> fire_schedule(const State& state, const ScheduleState& schedule,
                                   std::int64_t now_us, DerivedIds& ids) {
  const ScheduleDefined& defined = schedule.defined;
  ScheduleFired fired{defined.schedule_id, schedule.next_us, "", "", 0};
  const bool missed = now_us - schedule.next_us > kScheduleLateUs;
  const bool too_many = missed && schedule.caught_up >= kCatchUpMax;
  const bool passes_all_by = missed && (defined.catch_up != CatchUp::kAll || too_many);
  fired.next_us = next_after(defined, passes_all_by ? now_us : schedule.next_us);
  std::vector<NewFact> facts;
  const auto workflow = state.workflows.find(workflow_id(schedule.tenant, defined.workflow));
  if (missed && defined.catch_up == CatchUp::kSkip) {
    fired.skipped = "missed";
  } else if (too_many) {
    fired.skipped = kCatchUpLimit;
  } else if (workflow == state.workflows.end() || workflow->second.archived) {
    fired.skipped = "no_workflow";
  } else {
    RunCreated run = run_of(schedule, workflow->second, state.policy, ids);
    fired.run_id = run.run_id;
    facts.push_back({fired.run_id, schedule.tenant, schedule.owner, std::move(run)});
  }
  facts.push_back({std::string(kSchedulesStream), schedule.tenant, schedule.owner, fired});
  return facts;
}

}  // namespace runledger::core
