// The part of decide() about tasks that workers hold: granting leases, and what comes under them.
#pragma once

#include "core/domain/decide.h"

namespace runledger::core {

std::variant<Decision, Rejection> grant_leases(const State& state, const GrantLeases& grant);

std::variant<Decision, Rejection> decide_report(const State& state, const LoseLease& lost);
std::variant<Decision, Rejection> decide_report(const State& state, const RecordProgress& report);
std::variant<Decision, Rejection> decide_report(const State& state, const RecordEmitted& report);
std::variant<Decision, Rejection> decide_report(const State& state, const RecordLog& report);
std::variant<Decision, Rejection> decide_report(const State& state, const StoreResource& report);
std::variant<Decision, Rejection> decide_report(const State& state, const CompleteTask& report);
std::variant<Decision, Rejection> decide_report(const State& state, const FailTask& report);
std::variant<Decision, Rejection> decide_report(const State& state,
                                                const AcknowledgeCancel& report);

// A fact in the stream of a run.
NewFact fact_of(const RunState& run, EventBody body);

}  // namespace runledger::core
