// The part of decide() about runs that are submitted together.
#include <map>

#include "core/domain/decide_parts.h"

namespace runledger::core {
namespace {

// What the batch itself claims of a key, for those of it that would rather be refused than wait.
class KeysOfBatch {
 public:
  KeysOfBatch(const State& state, const Command& command) : state_(state), command_(command) {}

  bool takes(const SubmitRun& submit) {
    if (!submit.concurrency || submit.start_at_us > command_.time_us) return true;
    const std::string& key = submit.concurrency->key;
    const std::size_t claimed = claimed_[key]++;
    if (submit.concurrency->on_conflict != OnConflict::kReject) return true;
    const auto held = state_.index.keys.find(key_id(command_.by.tenant, key));
    const std::size_t holders = held == state_.index.keys.end() ? 0 : held->second.holders.size();
    return holders + claimed < submit.concurrency->limit;
  }

 private:
  const State& state_;
  const Command& command_;
  std::map<std::string, std::size_t> claimed_;
};

// The first one is there or none is; nullopt: the key is new.
std::optional<DecisionResult> replay_of(const State& state, const Command& command,
                                        const SubmitRuns& batch) {
  RunsAccepted accepted;
  for (const SubmitRun& submit : batch.runs) {
    if (submit.idempotency_key.empty()) return std::nullopt;
    const auto known = state.idempotency.find(
        idempotency_id(command.by.tenant, command.by.user, submit.idempotency_key));
    const bool same =
        known != state.idempotency.end() && known->second.request_sha256 == submit.request_sha256;
    if (known == state.idempotency.end() && accepted.run_ids.empty()) return std::nullopt;
    if (!same) {
      return Rejection{RejectionCode::kIdempotencyMismatch,
                       "The Idempotency-Key was used for another request; send the same request "
                       "or a new key",
                       {}};
    }
    if (accepted.run_ids.empty()) accepted.offset = known->second.offset;
    accepted.run_ids.push_back(known->second.run_id);
  }
  accepted.replayed = true;
  Decision decision;
  decision.reply = std::move(accepted);
  return decision;
}

}  // namespace

DecisionResult decide_submissions(const State& state, const Command& command,
                                  const SubmitRuns& batch) {
  if (auto replayed = replay_of(state, command, batch)) return *std::move(replayed);
  Decision all;
  RunsAccepted accepted;
  KeysOfBatch keys(state, command);
  for (std::size_t i = 0; i < batch.runs.size(); ++i) {
    const SubmitRun& submit = batch.runs[i];
    DecisionResult one =
        decide_submission(state, command, {submit, command.by.tenant, command.by.user, ""});
    if (auto* rejection = std::get_if<Rejection>(&one)) {
      rejection->of_batch = i;
      return std::move(*rejection);
    }
    if (!keys.takes(submit)) {
      return Rejection{RejectionCode::kConflict,
                       "Expected the concurrency key '" + submit.concurrency->key +
                           "' to be free, but a run before it in the batch takes it",
                       {},
                       i};
    }
    accepted.run_ids.push_back(submit.run_id);
    for (NewFact& fact : std::get<Decision>(one).facts) all.facts.push_back(std::move(fact));
  }
  all.reply = std::move(accepted);
  return all;
}

}  // namespace runledger::core
