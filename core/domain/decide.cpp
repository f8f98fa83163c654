#include "core/domain/decide.h"

#include "core/domain/decide_reports.h"

namespace runledger::core {
namespace {

using Result = std::variant<Decision, Rejection>;

std::string ended_text(const RunState& run) {
  return "Expected run " + run.run_id + " to be under way, but it is already " +
         std::string(to_text(run.status));
}

Winner winner_of(const RunState& run) {
  return {run.decided_by, run.decision, run.decided_us, run.decided_offset};
}

void cancel_tasks(const RunState& run, Decision& decision) {
  bool waits_for_worker = false;
  for (const TaskState& task : run.tasks) {
    if (task.status == TaskStatus::kRunning) {
      const AttemptState& attempt = task.attempts.back();
      decision.actions.push_back(
          StopTask{attempt.worker_id, run.run_id, task.task_id, attempt.lease_id});
      waits_for_worker = true;
    } else if (task.status == TaskStatus::kReady || task.status == TaskStatus::kBlocked) {
      const auto attempts = static_cast<std::uint32_t>(task.attempts.size());
      decision.facts.push_back(fact_of(run, TaskCanceled{task.task_id, attempts}));
    }
  }
  if (!waits_for_worker) decision.facts.push_back(fact_of(run, RunCanceled{}));
}

class Decide {
 public:
  Decide(const State& state, const Command& command) : state_(state), command_(command) {}

  Result operator()(const SubmitRun& submit) const {
    const std::string& tenant = command_.by.tenant;
    const std::string& owner = command_.by.user;
    if (!submit.idempotency_key.empty()) {
      const auto known =
          state_.idempotency.find(idempotency_id(tenant, owner, submit.idempotency_key));
      if (known != state_.idempotency.end()) return replay(submit, known->second);
    }
    Decision decision;
    decision.reply = RunAccepted{submit.run_id, RunStatus::kPending, 0, false};
    decision.facts.push_back(
        {submit.run_id, tenant, owner,
         RunCreated{submit.run_id, submit.steps, submit.labels, submit.session, submit.priority,
                    submit.idempotency_key, submit.request_sha256}});
    for (const StepSpec& step : submit.steps) {
      decision.facts.push_back({submit.run_id, tenant, owner, TaskReady{step.task_id}});
      decision.actions.push_back(WakeWorkers{step.task_type});
    }
    return decision;
  }

  Result operator()(const CancelRun& cancel) const {
    const RunState* run = state_.find_run(cancel.run_id);
    if (run == nullptr || !sees(command_.by, run->tenant, run->owner)) {
      return Rejection{RejectionCode::kNotFound, "There is no run " + cancel.run_id, {}};
    }
    if (run->ended()) return Rejection{RejectionCode::kConflict, ended_text(*run), winner_of(*run)};
    if (cancel.expected_version && *cancel.expected_version != run->version) {
      return Rejection{RejectionCode::kConflict,
                       "Expected run " + run->run_id + " at version " +
                           std::to_string(*cancel.expected_version) + ", but it is at version " +
                           std::to_string(run->version) + "; read it again and decide anew",
                       run->decided_by.empty() ? std::nullopt : std::optional(winner_of(*run))};
    }
    Decision decision;
    if (run->status == RunStatus::kCanceling) {
      decision.reply = RunAccepted{run->run_id, run->status, run->last_offset, true};
      return decision;
    }
    decision.reply = RunAccepted{run->run_id, RunStatus::kCanceling, 0, false};
    decision.facts.push_back(fact_of(*run, RunCancelRequested{}));
    cancel_tasks(*run, decision);
    return decision;
  }

  Result operator()(const GrantLeases& grant) const { return grant_leases(state_, grant); }

  Result operator()(const CreateToken& create) const {
    Decision decision;
    decision.facts.push_back({std::string(kAccessStream), "", "", create.token});
    decision.actions.push_back(AdmitToken{create.token});
    return decision;
  }

  Result operator()(const RegisterWorker& reg) const {
    Decision decision;
    decision.facts.push_back({std::string(kWorkersStream), "", "", reg.worker});
    for (const TaskTypeRegistered& type : reg.task_types) {
      decision.actions.push_back(WakeWorkers{type.name});
      const auto known = state_.task_types.find(type.name);
      const bool same = known != state_.task_types.end() &&
                        known->second.registered.plugin_sha256 == type.plugin_sha256 &&
                        known->second.registered.manifest == type.manifest &&
                        known->second.registered.version == type.version;
      if (same) continue;
      decision.facts.push_back({std::string(kTaskTypesStream), "", "", type});
      decision.actions.push_back(OfferTaskType{type});
    }
    return decision;
  }

  // Everything else speaks of a task under a lease.
  template <typename Report>
  Result operator()(const Report& report) const {
    return decide_report(state_, report);
  }

 private:
  static Result replay(const SubmitRun& submit, const IdempotencyEntry& first) {
    if (first.request_sha256 != submit.request_sha256) {
      return Rejection{RejectionCode::kIdempotencyMismatch,
                       "The Idempotency-Key was used for run " + first.run_id +
                           " with another request; send the same request or a new key",
                       {}};
    }
    Decision decision;
    decision.reply = RunAccepted{first.run_id, RunStatus::kPending, first.offset, true};
    return decision;
  }

  const State& state_;
  const Command& command_;
};

}  // namespace

std::variant<Decision, Rejection> decide(const State& state, const Command& command) {
  return std::visit(Decide(state, command), command.body);
}

bool sees(const Principal& who, std::string_view tenant, std::string_view owner) {
  if (who.is_admin()) return true;
  return who.tenant == tenant && (who.user == owner || who.roles.has(Role::kOperator));
}

std::size_t weight_bytes(const Command& command) {
  constexpr std::size_t kBase = 512;
  if (const auto* submit = std::get_if<SubmitRun>(&command.body)) {
    std::size_t bytes = kBase + submit->session.text.size();
    for (const StepSpec& step : submit->steps) bytes += step.input.text.size();
    return bytes;
  }
  if (const auto* emitted = std::get_if<RecordEmitted>(&command.body)) {
    return kBase + emitted->data.text.size();
  }
  if (const auto* done = std::get_if<CompleteTask>(&command.body)) {
    return kBase + done->output.text.size();
  }
  return kBase;
}

}  // namespace runledger::core
