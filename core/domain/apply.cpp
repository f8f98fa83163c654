#include "core/domain/apply.h"

#include <algorithm>
#include <stdexcept>

namespace runledger::core {
namespace {

[[noreturn]] void misfit(const Event& event, const std::string& what) {
  throw std::logic_error("event '" + std::string(type_of(event.body)) + "' at offset " +
                         std::to_string(event.offset) + " does not fit the state: " + what);
}

void drop_ready(State& state, const RunState& run, const TaskState& task) {
  if (task.status != TaskStatus::kReady) return;
  const auto queue = state.ready.find(task.type);
  if (queue == state.ready.end()) return;
  queue->second.erase({run.priority, task.ready_offset, {}, {}});
  if (queue->second.empty()) state.ready.erase(queue);
}

void add_ready(State& state, const RunState& run, const TaskState& task) {
  state.ready[task.type].insert({run.priority, task.ready_offset, run.run_id, task.task_id});
}

// Folds one event into its run. What is the same for all events of a run is done around it.
class RunFold {
 public:
  RunFold(State& state, RunState& run, const Event& event)
      : state_(state), run_(run), event_(event) {}

  void operator()(const RunStarted&) {
    run_.status = RunStatus::kRunning;
    run_.started_us = event_.time_us;
  }
  void operator()(const RunCancelRequested&) {
    run_.status = RunStatus::kCanceling;
    decided();
  }
  // The decision was the request; that it has been carried out is none.
  void operator()(const RunCanceled&) { end(RunStatus::kCanceled); }
  void operator()(const RunSucceeded&) {
    end(RunStatus::kSucceeded);
    decided();
    if (!run_.tasks.empty()) run_.output = run_.tasks.back().output;
  }
  void operator()(const RunFailed& failed) {
    end(RunStatus::kFailed);
    decided();
    run_.error = failed.error;
  }
  void operator()(const TaskReady& ready) {
    TaskState& task = task_of(ready.task_id);
    drop_ready(state_, run_, task);
    task.status = TaskStatus::kReady;
    // A task that comes back keeps its place in the queue.
    if (task.ready_offset == 0) task.ready_offset = event_.offset;
    add_ready(state_, run_, task);
    if (run_.status == RunStatus::kRunning && !any_runs()) run_.status = RunStatus::kPending;
  }
  void operator()(const TaskLeased& leased) {
    TaskState& task = task_of(leased.task_id);
    drop_ready(state_, run_, task);
    task.status = TaskStatus::kRunning;
    if (run_.status == RunStatus::kPending) run_.status = RunStatus::kRunning;
    task.percent = 0;
    task.message.clear();
    task.attempts.push_back({leased.attempt,
                             AttemptStatus::kRunning,
                             leased.lease_id,
                             leased.worker_id,
                             leased.worker_name,
                             leased.plugin_version,
                             leased.plugin_sha256,
                             event_.time_us,
                             0,
                             {}});
  }
  void operator()(const TaskProgressed& progressed) {
    TaskState& task = task_of(progressed.task_id);
    task.percent = progressed.percent;
    task.message = progressed.message;
  }
  void operator()(const TaskEmitted&) {}
  void operator()(const TaskLogged&) {}
  void operator()(const TaskLeaseLost& lost) {
    TaskState& task = task_of(lost.task_id);
    if (lost.charged) ++task.charged_losses;
    if (!lost.charged && lost.reason == kWorkerLost) ++task.silent_losses;
    end_attempt(task, AttemptStatus::kLeaseLost,
                Error{"lease_lost", "The lease was lost: " + lost.reason, true});
  }
  void operator()(const TaskSucceeded& succeeded) {
    TaskState& task = task_of(succeeded.task_id);
    end_attempt(task, AttemptStatus::kSucceeded, {});
    task.status = TaskStatus::kSucceeded;
    task.percent = 100;
    task.output = succeeded.output;
  }
  void operator()(const TaskFailed& failed) {
    TaskState& task = task_of(failed.task_id);
    drop_ready(state_, run_, task);
    end_attempt(task, AttemptStatus::kFailed, failed.error);
    task.status = TaskStatus::kFailed;
    task.error = failed.error;
  }
  void operator()(const TaskCanceled& canceled) {
    TaskState& task = task_of(canceled.task_id);
    drop_ready(state_, run_, task);
    end_attempt(task, AttemptStatus::kCanceled, {});
    task.status = TaskStatus::kCanceled;
  }
  void operator()(const ResourceCreated& created) {
    run_.resources.push_back({created.resource_id, created.task_id, created.name,
                              created.media_type, ResourceStatus::kPending, "", 0, event_.time_us,
                              0});
  }
  void operator()(const ResourceSucceeded& stored) {
    for (ResourceState& resource : run_.resources) {
      if (resource.resource_id != stored.resource_id) continue;
      resource.status = ResourceStatus::kSucceeded;
      resource.sha256 = stored.sha256;
      resource.size = stored.size;
      resource.ended_us = event_.time_us;
      return;
    }
    misfit(event_, "no resource " + stored.resource_id);
  }
  void operator()(const RunCreated&) { misfit(event_, "the run is there already"); }
  void operator()(const TokenCreated&) { misfit(event_, "it belongs in a system stream"); }
  void operator()(const TaskTypeRegistered&) { misfit(event_, "it belongs in a system stream"); }
  void operator()(const WorkerRegistered&) { misfit(event_, "it belongs in a system stream"); }

 private:
  TaskState& task_of(const std::string& task_id) {
    TaskState* task = run_.find_task(task_id);
    if (task == nullptr) misfit(event_, "no task " + task_id);
    return *task;
  }
  bool any_runs() const {
    return std::any_of(run_.tasks.begin(), run_.tasks.end(),
                       [](const TaskState& task) { return task.status == TaskStatus::kRunning; });
  }
  void end(RunStatus status) {
    run_.status = status;
    run_.ended_us = event_.time_us;
  }
  void decided() {
    run_.decided_by = event_.actor;
    run_.decision = type_of(event_.body);
    run_.decided_us = event_.time_us;
    run_.decided_offset = event_.offset;
  }
  void end_attempt(TaskState& task, AttemptStatus status, std::optional<Error> error) {
    if (task.attempts.empty() || task.attempts.back().status != AttemptStatus::kRunning) return;
    task.attempts.back().status = status;
    task.attempts.back().ended_us = event_.time_us;
    task.attempts.back().error = std::move(error);
  }

  State& state_;
  RunState& run_;
  const Event& event_;
};

bool changes_decisions(const EventBody& body) {
  return !std::holds_alternative<TaskProgressed>(body) &&
         !std::holds_alternative<TaskEmitted>(body) && !std::holds_alternative<TaskLogged>(body);
}

void create_run(State& state, const Event& event, const RunCreated& created) {
  RunState run;
  run.run_id = created.run_id;
  run.tenant = event.tenant;
  run.owner = event.owner;
  run.version = 1;
  run.next_idx = event.idx + 1;
  run.last_offset = event.offset;
  run.created_us = event.time_us;
  run.priority = created.priority;
  run.labels = created.labels;
  for (const StepSpec& step : created.steps) {
    TaskState task;
    task.task_id = step.task_id;
    task.step = step.id;
    task.type = step.task_type;
    run.tasks.push_back(std::move(task));
  }
  if (!created.idempotency_key.empty()) {
    state.idempotency[idempotency_id(event.tenant, event.owner, created.idempotency_key)] = {
        created.run_id, created.request_sha256, event.offset};
  }
  if (!state.runs.emplace(created.run_id, std::move(run)).second) {
    misfit(event, "the run is there already");
  }
}

void apply_to_system(State& state, const Event& event) {
  if (const auto* token = std::get_if<TokenCreated>(&event.body)) {
    state.tokens[token->token_id] = *token;
  } else if (const auto* type = std::get_if<TaskTypeRegistered>(&event.body)) {
    state.task_types[type->name] = {*type, event.offset};
  } else if (!std::holds_alternative<WorkerRegistered>(event.body)) {
    misfit(event, "it belongs in a run's stream");
  }
  state.system_next_idx[event.stream] = event.idx + 1;
}

void note_version(State& state, const Event& event) {
  const std::string_view type = type_of(event.body);
  auto versions = state.event_versions.find(type);
  if (versions == state.event_versions.end()) {
    versions = state.event_versions.try_emplace(std::string(type)).first;
  }
  versions->second.emplace(event.version, event.offset);
}

}  // namespace

void apply(State& state, const Event& event) {
  note_version(state, event);
  if (event.stream.starts_with("sys/")) return apply_to_system(state, event);
  if (const auto* created = std::get_if<RunCreated>(&event.body)) {
    return create_run(state, event, *created);
  }
  const auto found = state.runs.find(event.stream);
  if (found == state.runs.end()) misfit(event, "no run " + event.stream);
  RunState& run = found->second;
  if (run.ended()) misfit(event, "the run has ended");
  if (run.next_idx != event.idx) misfit(event, "the run's next index is another");
  std::visit(RunFold(state, run, event), event.body);
  ++run.next_idx;
  run.last_offset = event.offset;
  if (changes_decisions(event.body)) ++run.version;
}

void load_run(State& state, RunState run) {
  for (const TaskState& task : run.tasks) {
    if (task.status == TaskStatus::kReady && !run.ended()) add_ready(state, run, task);
  }
  state.runs[run.run_id] = std::move(run);
}

void unload_run(State& state, const std::string& run_id) {
  const auto found = state.runs.find(run_id);
  if (found == state.runs.end()) return;
  for (const TaskState& task : found->second.tasks) drop_ready(state, found->second, task);
  state.runs.erase(found);
}

}  // namespace runledger::core
