#include "core/domain/decide.h"

#include "core/domain/decide_parts.h"

namespace runledger::core {
namespace {

// Names a run that the caller may see, the one that was there first; without one it names nobody.
Rejection key_is_held(const Principal& who, const std::string& tenant, const std::string& name,
                      const KeyState& key) {
  Rejection rejection{
      RejectionCode::kConflict,
      "Expected the concurrency key '" + name + "' to be free, but another user's run has it",
      {}};
  for (const auto* claims : {&key.holders, &key.queue}) {
    for (const KeyClaim& claim : *claims) {
      if (!sees(who, tenant, claim.owner)) continue;
      rejection.reason = "Expected the concurrency key '" + name + "' to be free, but run " +
                         claim.run_id + " has it";
      rejection.winner =
          Winner{std::string(kUserActorPrefix) + claim.owner, std::string(RunCreated::kType),
                 claim.created_us, claim.created_offset, claim.run_id};
      return rejection;
    }
  }
  return rejection;
}

// Why a run with this key cannot be taken now; nullopt: it can, perhaps to wait.
std::optional<Rejection> key_conflict(const State& state, const Command& command,
                                      const Submission& of) {
  const SubmitRun& submit = of.run;
  if (!submit.concurrency || submit.concurrency->on_conflict != OnConflict::kReject) return {};
  if (submit.start_at_us > command.time_us) return {};
  const auto found = state.index.keys.find(key_id(of.tenant, submit.concurrency->key));
  if (found == state.index.keys.end()) return {};
  const KeyState& key = found->second;
  if (key.holders.size() < submit.concurrency->limit && key.queue.empty()) return {};
  return key_is_held(command.by, of.tenant, submit.concurrency->key, key);
}

DecisionResult replay(const SubmitRun& submit, const IdempotencyEntry& first) {
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

class Decide {
 public:
  Decide(const State& state, const Command& command) : state_(state), command_(command) {}

  DecisionResult operator()(const SubmitRun& submit) const {
    return decide_submission(state_, command_, {submit, command_.by.tenant, command_.by.user, ""});
  }

  DecisionResult operator()(const SubmitRuns& batch) const {
    return decide_submissions(state_, command_, batch);
  }

  DecisionResult operator()(const CreateToken& create) const {
    Decision decision;
    decision.facts.push_back({std::string(kAccessStream), "", "", create.token});
    return decision;
  }

  DecisionResult operator()(const RegisterWorker& reg) const {
    Decision decision;
    decision.facts.push_back({std::string(kWorkersStream), "", "", reg.worker});
    for (const TaskTypeRegistered& type : reg.task_types) {
      const auto known = state_.task_types.find(type.name);
      const bool same = known != state_.task_types.end() &&
                        known->second.registered.plugin_sha256 == type.plugin_sha256 &&
                        known->second.registered.manifest == type.manifest &&
                        known->second.registered.version == type.version;
      if (same) continue;
      decision.facts.push_back({std::string(kTaskTypesStream), "", "", type});
    }
    return decision;
  }

  DecisionResult operator()(const GrantLeases&) const { return step_by_step(); }
  DecisionResult operator()(const PassTime&) const { return step_by_step(); }

  template <typename Body>
  DecisionResult operator()(const Body& body) const {
    if constexpr (requires { decide_report(state_, command_, body); }) {
      return decide_report(state_, command_, body);
    } else if constexpr (requires { decide_person(state_, command_, body); }) {
      return decide_person(state_, command_, body);
    } else {
      return decide_definition(state_, command_, body);
    }
  }

 private:
  static DecisionResult step_by_step() {
    return Rejection{RejectionCode::kInvalid, "This command is taken step by step", {}};
  }
  const State& state_;
  const Command& command_;
};

}  // namespace

DecisionResult decide_submission(const State& state, const Command& command, const Submission& of) {
  const SubmitRun& submit = of.run;
  if (!submit.idempotency_key.empty()) {
    const auto known =
        state.idempotency.find(idempotency_id(of.tenant, of.owner, submit.idempotency_key));
    if (known != state.idempotency.end()) return replay(submit, known->second);
  }
  if (submit.plan == nullptr) {
    return Rejection{RejectionCode::kInvalid, "Expected a repetition, but its key is unknown", {}};
  }
  if (auto conflict = key_conflict(state, command, of)) return *conflict;
  RunCreated created;
  created.run_id = submit.run_id;
  created.workflow = submit.workflow;
  created.workflow_version = submit.workflow_version;
  created.plan = submit.plan;
  created.tasks = submit.tasks;
  created.labels = submit.labels;
  created.priority = submit.priority;
  created.concurrency = submit.concurrency;
  created.start_at_us = submit.start_at_us;
  created.overdue_after_ms = state.policy.overdue_after_ms;
  created.retry_of = of.retry_of;
  created.idempotency_key = submit.idempotency_key;
  created.request_sha256 = submit.request_sha256;
  Decision decision;
  decision.reply = RunAccepted{submit.run_id, RunStatus::kPending, 0, false};
  decision.facts.push_back({submit.run_id, of.tenant, of.owner, std::move(created)});
  return decision;
}

DecisionResult decide(const State& state, const Command& command) {
  return std::visit(Decide(state, command), command.body);
}

bool sees(const Principal& who, std::string_view tenant, std::string_view owner) {
  if (who.is_admin()) return true;
  const bool whole_tenant = who.roles.has(Role::kOperator) || who.roles.has(Role::kReviewer);
  return who.tenant == tenant && (who.user == owner || whole_tenant);
}

bool manages(const Principal& who, std::string_view tenant, std::string_view owner) {
  if (who.is_admin()) return true;
  return who.tenant == tenant && (who.user == owner || who.roles.has(Role::kOperator));
}

NewFact fact_of(const RunState& run, EventBody body) {
  return {run.run_id, run.tenant, run.owner, std::move(body)};
}

}  // namespace runledger::core
