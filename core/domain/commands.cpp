#include "core/domain/commands.h"

#include <type_traits>

namespace runledger::core {
namespace {

constexpr std::size_t kBase = 512;

std::size_t weight_of(const SubmitRun& submit) {
  if (submit.plan == nullptr) return 0;  // a repetition
  std::size_t bytes = submit.plan->input.text.size() + submit.plan->session.text.size();
  for (const StepSpec& step : submit.plan->spec.steps) bytes += step.input.text.size() + kBase;
  return bytes;
}

}  // namespace

std::string batch_key(const std::string& idempotency_key, std::size_t number) {
  return idempotency_key.empty() ? "" : idempotency_key + " " + std::to_string(number);
}

std::size_t weight_bytes(const Command& command) {
  return std::visit(
      [&]<typename T>(const T& body) {
        std::size_t bytes = kBase;
        if constexpr (std::is_same_v<T, SubmitRun>) bytes += weight_of(body);
        if constexpr (std::is_same_v<T, SubmitRuns>) {
          for (const SubmitRun& submit : body.runs) bytes += weight_of(submit) + kBase;
        }
        if constexpr (std::is_same_v<T, RetryRun>)
          bytes += body.input ? body.input->text.size() : 0;
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

std::string reported_lease(const CommandBody& body) {
  if (std::holds_alternative<MissHeartbeat>(body)) return {};
  return std::visit(
      [](const auto& each) -> std::string {
        if constexpr (requires { each.lease.lease_id; }) {
          return each.lease.lease_id;
        } else if constexpr (requires { each.lease_id; }) {
          return each.lease_id;
        } else {
          return {};
        }
      },
      body);
}

}  // namespace runledger::core
