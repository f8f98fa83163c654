#include "core/domain/apply.h"

#include "core/domain/deadlines.h"
#include "core/domain/fold.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

template <typename T, typename... Each>
constexpr bool is_one_of = (std::is_same_v<T, Each> || ...);

// Folds one event into its run. What is the same for all events of a run is done around it.
class RunFold {
 public:
  RunFold(RunState& run, const Event& event) : run_(run), event_(event) {}

  void operator()(const RunQueued&) { run_.queued = true; }
  void operator()(const RunAdmitted&) { admit(); }
  void operator()(const RunStarted&) { run_.started_us = event_.time_us; }
  void operator()(const RunPaused& paused) {
    run_.pause = Pause{paused.reason, paused.task_id, event_.time_us};
    decided();
  }
  void operator()(const RunResumed& resumed) {
    std::vector<std::uint32_t> groups;
    for (TaskState& task : run_.tasks) {
      // No worker could take it meanwhile: its time in the queue begins now.
      if (task.status == TaskStatus::kReady) task.since_us = event_.time_us;
      if (resumed.tasks || !paused_by(task)) continue;
      begin_anew(task, groups);
    }
    for (const std::string& task_id : resumed.tasks.value_or(std::vector<std::string>{})) {
      TaskState* task = run_.find_task(task_id);
      if (task == nullptr) misfit(event_, "no task " + task_id);
      begin_anew(*task, groups);
    }
    for (const std::uint32_t step_number : groups) remove_items(run_, step_number);
    run_.pause.reset();
    decided();
  }
  void operator()(const RunRetried& retried) {
    reset_from(run_, retried.from_step, event_.time_us);
    run_.pause.reset();
    decided();
  }
  void operator()(const RunOverdue&) {}
  void operator()(const RunCancelRequested&) {
    run_.cancel_requested = true;
    decided();
  }
  void operator()(const RunCanceled&) { end(RunStatus::kCanceled); }
  void operator()(const RunSucceeded& succeeded) {
    end(RunStatus::kSucceeded);
    run_.output = succeeded.output;
    if (!run_.output && !run_.tasks.empty()) run_.output = last_step_output();
  }
  void operator()(const RunFailed& failed) {
    end(RunStatus::kFailed);
    run_.error = failed.error;
  }
  void operator()(const TaskEmitted&) {}
  void operator()(const TaskLogged&) {}
  void operator()(const ResourceCreated& created) {
    ResourceState& resource = run_.resources.emplace_back();
    resource.resource_id = created.resource_id;
    resource.task_id = created.task_id;
    resource.name = created.name;
    resource.media_type = created.media_type;
    resource.status = created.status;
    resource.created_us = event_.time_us;
    resource.task_type = created.task_type;
    resource.execute_id = created.execute_id;
  }
  void operator()(const ResourceSucceeded& stored) {
    ResourceState& resource = end_resource(stored.resource_id, ResourceStatus::kSucceeded);
    resource.sha256 = stored.sha256;
    resource.size = stored.size;
    if (!stored.media_type.empty()) resource.media_type = stored.media_type;
  }
  void operator()(const ResourceFailed& failed) {
    end_resource(failed.resource_id, ResourceStatus::kFailed).error = failed.error;
  }
  template <typename Body>
  void operator()(const Body& body) {
    if constexpr (requires(TaskFold & fold) { fold(body); }) {
      TaskFold(run_, event_)(body);
    } else {
      misfit(event_, "it belongs elsewhere");
    }
  }

  void admit() {
    run_.admitted = true;
    run_.queued = false;
    const auto timeout_ms = static_cast<std::int64_t>(run_.plan->spec.timeout_ms);
    if (timeout_ms != 0) run_.deadline_us = event_.time_us + timeout_ms * kUsPerMs;
  }

 private:
  bool paused_by(const TaskState& task) const {
    return run_.pause && run_.pause->reason == PauseReason::kFailure &&
           (task.status == TaskStatus::kFailed || task.status == TaskStatus::kTimedOut) &&
           run_.step_of(task).on_error == OnError::kPause;
  }
  std::optional<JsonText> last_step_output() const {
    const auto last = run_.plan->spec.steps.size() - 1;
    for (const TaskState& task : run_.tasks) {
      if (task.step_number == last && !task.item_index) return task.output;
    }
    return std::nullopt;
  }
  void end(RunStatus status) {
    run_.status = status;
    run_.ended_us = event_.time_us;
    run_.since_us = event_.time_us;
    run_.pause.reset();
  }
  ResourceState& end_resource(const std::string& resource_id, ResourceStatus status) {
    for (ResourceState& resource : run_.resources) {
      if (resource.resource_id != resource_id) continue;
      if (!resource.open()) misfit(event_, "resource " + resource_id + " has ended");
      resource.status = status;
      resource.ended_us = event_.time_us;
      return resource;
    }
    misfit(event_, "no resource " + resource_id);
  }
  void decided() {
    if (auto decision = decision_of(run_, event_)) run_.decided = std::move(decision);
  }
  void begin_anew(TaskState& task, std::vector<std::uint32_t>& groups) {
    if (task.is_group) groups.push_back(task.step_number);
    reset_task(task, event_.time_us);
  }

  RunState& run_;
  const Event& event_;
};

// Reports of what goes on under a lease: they change nothing that is decided or waited for.
bool is_report(const EventBody& body) {
  return std::visit(
      []<typename T>(const T& each) {
        // What a poll has found ends its waiting.
        if constexpr (std::is_same_v<T, TaskStepCompleted>) return each.kind != MemoKind::kPoll;
        return is_one_of<T, TaskProgressed, TaskEmitted, TaskLogged, TaskStepCompleted,
                         RemoteIntended, RemoteSubmitted, RemoteFailed, RemoteCancelRequested,
                         ResourceCreated, ResourceSucceeded, ResourceFailed>;
      },
      body);
}
bool changes_version(const EventBody& body) {
  return std::visit(
      []<typename T>(const T&) {
        return !is_one_of<T, TaskProgressed, TaskEmitted, TaskLogged, RunOverdue>;
      },
      body);
}

void note_report(RunState& run, const Event& event) {
  std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.task_id; }) TaskFold(run, event).note_report(body.task_id);
      },
      event.body);
}

void after_event(RunState& run, const Event& event) {
  run.next_idx = event.idx + 1;
  run.last_offset = event.offset;
  if (changes_version(event.body)) ++run.version;
  if (run.ended() || is_report(event.body)) return;
  const auto wait_ms = static_cast<std::int64_t>(run.overdue_after_ms);
  const bool may_stall = wait_ms != 0 && waits_without_end(run);
  run.overdue_us = may_stall ? event.time_us + wait_ms * kUsPerMs : 0;
  const RunStatus status = status_of(run);
  if (status != run.status) run.since_us = event.time_us;
  run.status = status;
}

void create_run(State& state, const Event& event, const RunCreated& created) {
  if (state.runs.contains(created.run_id)) misfit(event, "the run is there already");
  RunState run = created_run(event, created);
  if (!run.concurrency && run.start_at_us == 0) RunFold(run, event).admit();
  after_event(run, event);
  if (!created.idempotency_key.empty()) {
    state.idempotency[idempotency_id(event.tenant, event.owner, created.idempotency_key)] = {
        created.run_id, created.request_sha256, event.offset};
  }
  state.index.add(run);
  state.runs.emplace(created.run_id, std::move(run));
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

void apply_to_system(State& state, const Event& event);  // apply_system.cpp

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
  const bool indexed = !is_report(event.body);
  if (indexed) state.index.remove(run);
  run.status_before = run.status;
  std::visit(RunFold(run, event), event.body);
  note_report(run, event);
  after_event(run, event);
  if (indexed) state.index.add(run);
  if (std::holds_alternative<TaskLeased>(event.body)) {
    state.tenant_served[event.tenant] = event.offset;
  }
}

void load_run(State& state, RunState run) {
  if (!state.index.runs.contains(run.run_id)) state.index.add(run);
  std::string run_id = run.run_id;
  state.runs[std::move(run_id)] = std::move(run);
}

void evict_run(State& state, const std::string& run_id) {
  state.runs.erase(run_id);
}

}  // namespace runledger::core
