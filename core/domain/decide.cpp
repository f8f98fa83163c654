#include "core/domain/decide.h"

#include "core/domain/decide_parts.h"

namespace runledger::core {
namespace {

// Why a run with this key cannot be taken now; nullopt: it can, perhaps to wait.
std::optional<Rejection> key_conflict(const State& state, const Command& command,
                                      const SubmitRun& submit) {
  if (!submit.concurrency || submit.concurrency->on_conflict != OnConflict::kReject) return {};
  if (submit.start_at_us > command.time_us) return {};
  const auto found = state.index.keys.find(key_id(command.by.tenant, submit.concurrency->key));
  if (found == state.index.keys.end()) return {};
  const KeyState& key = found->second;
  if (key.holders.size() < submit.concurrency->limit && key.queue.empty()) return {};
  const std::string holder = key.holders.empty() ? key.queue.begin()->run_id : *key.holders.begin();
  return Rejection{RejectionCode::kConflict,
                   "Expected the concurrency key '" + submit.concurrency->key +
                       "' to be free, but run " + holder + " has it",
                   Winner{"", std::string(RunCreated::kType), 0, 0, holder}};
}

class Decide {
 public:
  Decide(const State& state, const Command& command) : state_(state), command_(command) {}

  DecisionResult operator()(const SubmitRun& submit) const {
    const std::string& tenant = command_.by.tenant;
    const std::string& owner = command_.by.user;
    if (!submit.idempotency_key.empty()) {
      const auto known =
          state_.idempotency.find(idempotency_id(tenant, owner, submit.idempotency_key));
      if (known != state_.idempotency.end()) return replay(submit, known->second);
    }
    if (auto conflict = key_conflict(state_, command_, submit)) return *conflict;
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
    created.overdue_after_ms = state_.policy.overdue_after_ms;
    created.idempotency_key = submit.idempotency_key;
    created.request_sha256 = submit.request_sha256;
    Decision decision;
    decision.reply = RunAccepted{submit.run_id, RunStatus::kPending, 0, false};
    decision.facts.push_back({submit.run_id, tenant, owner, std::move(created)});
    return decision;
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
  static DecisionResult replay(const SubmitRun& submit, const IdempotencyEntry& first) {
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

std::size_t weight_bytes(const Command& command) {
  constexpr std::size_t kBase = 512;
  return std::visit(
      [&]<typename T>(const T& body) {
        std::size_t bytes = kBase;
        if constexpr (std::is_same_v<T, SubmitRun>) {
          bytes += body.plan->input.text.size() + body.plan->session.text.size();
          for (const StepSpec& step : body.plan->spec.steps)
            bytes += step.input.text.size() + kBase;
        }
        if constexpr (requires { body.data.text; }) bytes += body.data.text.size();
        if constexpr (requires { body.output.text; }) bytes += body.output.text.size();
        if constexpr (requires { body.result.text; }) bytes += body.result.text.size();
        if constexpr (requires { body.spec.text; }) bytes += body.spec.text.size();
        if constexpr (requires { body.validation.text; }) {
          bytes += body.body.text.size() + body.validation.text.size();
        }
        return bytes;
      },
      command.body);
}

}  // namespace runledger::core
