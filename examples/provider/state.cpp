#include "examples/provider/state.h"

namespace runledger::provider {

std::string file_url(const State& state, const Call& call, bool video) {
  const bool dead = call.fault.is(FaultKind::kDeadHost);
  return (dead ? state.settings.dead_url : state.settings.base_url) +
         (video ? "/files/clip.mp4" : "/files/picture.png");
}

Order order_of(const State& state, const Call& call, const std::string& subject) {
  Order order;
  order.subject = subject;
  order.key = call.request.idempotency_key;
  order.body = call.request.path + "\n" + call.request.body;
  order.begun_ms = call.now_ms;
  order.lasts_ms = call.fault.is(FaultKind::kJobMs) ? call.fault.ms : state.settings.job_ms;
  if (call.fault.is(FaultKind::kFail)) order.failure = call.fault.message;
  return order;
}

}  // namespace runledger::provider
