#include "core/domain/commands.h"

#include <type_traits>

namespace runledger::core {

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
