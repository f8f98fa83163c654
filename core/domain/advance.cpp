#include "core/domain/advance.h"

#include <algorithm>

#include "core/domain/run_scope.h"
#include "core/domain/step_start.h"
#include "core/workflow/resolver.h"

namespace runledger::core {
namespace {

bool has_failed(const TaskState& task) {
  return task.status == TaskStatus::kFailed || task.status == TaskStatus::kTimedOut;
}

// A person has said no: there is nothing to resume.
bool was_refused(const TaskState& task) {
  return task.error &&
         (task.error->code == "approval_rejected" || task.error->code == "review_rejected");
}

OnError on_error_of(const RunState& run, const TaskState& task) {
  const OnError on_error = run.step_of(task).on_error;
  return on_error == OnError::kPause && was_refused(task) ? OnError::kFail : on_error;
}

bool all_ended(const RunState& run) {
  return std::all_of(run.tasks.begin(), run.tasks.end(),
                     [](const TaskState& task) { return is_ended(task.status); });
}

std::uint32_t attempts_of(const TaskState& task) {
  return static_cast<std::uint32_t>(task.attempts.size());
}

class Advance {
 public:
  Advance(const State& state, const RunState& run, const Surroundings& around)
      : state_(state), run_(run), around_(around) {}

  std::vector<NewFact> facts() {
    end_what_is_below();
    if (run_.ended()) return std::move(facts_);
    take_children();
    if (!facts_.empty()) return std::move(facts_);
    if (run_.cancel_requested) {
      cancel();
    } else if (!run_.admitted) {
      admit();
    } else {
      go_on();
    }
    return std::move(facts_);
  }

 private:
  void add(EventBody body) { facts_.push_back(fact_of(run_, std::move(body))); }

  // A sub-workflow or a group that ended before what it stands for did.
  void end_what_is_below() {
    for (const TaskState& task : run_.tasks) {
      const bool cut_short =
          task.status == TaskStatus::kTimedOut || task.status == TaskStatus::kCanceled;
      if (cut_short && !task.child_run_id.empty()) cancel_child(task, "parent_ended");
      if (task.is_group && is_ended(task.status) && !run_.ended()) cancel_items(task);
    }
  }
  void cancel_items(const TaskState& group) {
    for (const TaskState& task : run_.tasks) {
      if (!task.item_index || task.step_number != group.step_number) continue;
      if (!is_ended(task.status)) add(TaskCanceled{task.task_id, attempts_of(task)});
    }
  }

  // Sub-workflows that have ended.
  void take_children() {
    for (const TaskState& task : run_.tasks) {
      if (task.status != TaskStatus::kRunning || task.child_run_id.empty()) continue;
      const RunState* child = state_.find_run(task.child_run_id);
      if (child == nullptr || !child->ended()) continue;
      if (child->status == RunStatus::kSucceeded) {
        add(TaskSucceeded{task.task_id, 0, child->output.value_or(JsonText{"{}"})});
      } else if (run_.cancel_requested) {
        add(TaskCanceled{task.task_id, 0});
      } else if (child->status == RunStatus::kFailed) {
        Error error = child->error.value_or(Error{});
        error.message = "Run " + child->run_id + ": " + error.message;
        add(TaskFailed{task.task_id, 0, std::move(error)});
      } else {
        add(TaskFailed{task.task_id,
                       0,
                       {"sub_workflow_canceled", "Run " + child->run_id + " was canceled", false}});
      }
    }
  }

  void cancel_child(const TaskState& task, const char* reason) {
    const RunState* child = around_.other_run(task.child_run_id);
    if (child == nullptr || child->ended() || child->cancel_requested) return;
    facts_.push_back(fact_of(*child, RunCancelRequested{reason}));
  }

  // What a worker holds, or a run below, ends by a report of its own.
  void cancel() {
    for (const TaskState& task : run_.tasks) {
      if (is_ended(task.status)) continue;
      if (task.held_by_worker()) {
        cancel_remote(task);
        continue;
      }
      if (!task.child_run_id.empty()) {
        cancel_child(task, "parent_canceled");
      } else {
        add(TaskCanceled{task.task_id, attempts_of(task)});
      }
    }
    if (facts_.empty() && all_ended(run_)) add(RunCanceled{});
  }

  // Its worker has the executor tell the provider, within the grace.
  void cancel_remote(const TaskState& task) {
    for (const RemoteCall& call : task.remote_calls) {
      if (call.status != RemoteStatus::kSubmitted || call.cancel_requested) continue;
      const ResourceState* resource =
          call.resource ? run_.find_resource(call.resource->resource_id) : nullptr;
      if (resource != nullptr && !resource->open()) continue;  // the job is done
      add(RemoteCancelRequested{task.task_id, call.ordinal, call.provider, call.execute_id});
    }
  }

  // --- before it may begin ---

  bool key_is_free() const {
    const auto found = state_.index.keys.find(key_id(run_.tenant, run_.concurrency->key));
    if (found == state_.index.keys.end()) return true;
    const KeyState& key = found->second;
    if (key.holders.size() >= run_.concurrency->limit) return false;
    return key.queue.empty() || key.queue.begin()->run_id == run_.run_id;
  }

  void admit() {
    if (run_.start_at_us > around_.now_us) return;
    if (!run_.concurrency || key_is_free()) return add(RunAdmitted{});
    if (run_.queued) return;
    if (run_.concurrency->on_conflict == OnConflict::kReject) {
      return refuse_key();
    }
    add(RunQueued{run_.concurrency->key});
    if (run_.concurrency->on_conflict == OnConflict::kReplace) replace_holders();
  }

  void refuse_key() {
    for (const TaskState& task : run_.tasks) add(TaskCanceled{task.task_id, 0});
    add(RunFailed{{"concurrency_conflict",
                   "Another run has the concurrency key '" + run_.concurrency->key + "'", false}});
  }

  // Its owner's own: behind the run of somebody else it waits.
  bool may_replace(const RunState* other) const {
    return other != nullptr && !other->cancel_requested && other->owner == run_.owner;
  }

  void replace_holders() {
    const KeyState& key = state_.index.keys.at(key_id(run_.tenant, run_.concurrency->key));
    for (const auto* claims : {&key.holders, &key.queue}) {
      for (const KeyClaim& claim : *claims) {
        const RunState* other = around_.other_run(claim.run_id);
        if (!may_replace(other)) continue;
        facts_.push_back(fact_of(*other, RunCancelRequested{"replaced"}));
      }
    }
  }

  // --- under way ---

  void go_on() {
    for (const TaskState& task : run_.tasks) {
      if (has_failed(task) && on_error_of(run_, task) == OnError::kFail) return fail(task);
    }
    if (run_.pause) return;
    for (const TaskState& task : run_.tasks) {
      if (has_failed(task) && on_error_of(run_, task) == OnError::kPause) {
        return add(RunPaused{PauseReason::kFailure, task.task_id});
      }
    }
    StepStart start(state_, run_, around_, facts_);
    start.complete_groups();
    if (!facts_.empty()) return;
    start.begin_steps();
    if (facts_.empty() && all_ended(run_)) succeed();
  }

  void fail(const TaskState& failed) {
    for (const TaskState& task : run_.tasks) {
      if (!is_ended(task.status)) add(TaskCanceled{task.task_id, attempts_of(task)});
    }
    add(RunFailed{failed.error.value_or(Error{"failed", "A step failed", false})});
  }

  void succeed() {
    if (!run_.plan->spec.output) return add(RunSucceeded{});
    const ReferenceScope scope = scope_of(run_, nullptr);
    auto output = resolve(run_.plan->spec.output->text, around_.values->of(run_.run_id, scope));
    if (auto* resolved = std::get_if<JsonText>(&output)) {
      return add(RunSucceeded{std::move(*resolved)});
    }
    const auto& error = std::get<ReferenceError>(output);
    add(RunFailed{{"bad_reference",
                   "The run's output cannot be made: " + error.reference + ": " + error.message,
                   false}});
  }

  const State& state_;
  const RunState& run_;
  const Surroundings& around_;
  std::vector<NewFact> facts_;
};

}  // namespace

std::vector<NewFact> advance(const State& state, const RunState& run, const Surroundings& around) {
  return Advance(state, run, around).facts();
}

}  // namespace runledger::core
