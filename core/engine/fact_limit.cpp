#include "core/engine/fact_limit.h"

#include <optional>
#include <stdexcept>

#include "core/domain/event_codec.h"

namespace runledger::core {
namespace {

constexpr const char* kCode = "event_too_large";
constexpr std::size_t kMessageBytesMax = 4096;  // of an error that was too large itself

class FactLimit {
 public:
  FactLimit(std::size_t bytes_max, std::vector<NewFact> facts)
      : bytes_max_(bytes_max), facts_(std::move(facts)) {}

  std::vector<EncodedFact> encoded() {
    for (NewFact& fact : facts_) {
      std::string payload = encode_payload(fact.body);
      if (payload.size() > bytes_max_) {
        replace(fact, payload.size());
      } else {
        encoded_.push_back({std::move(fact), std::move(payload)});
      }
    }
    return std::move(encoded_);
  }

 private:
  Error error(std::size_t bytes) const {
    return {kCode,
            "Expected an event of at most " + std::to_string(bytes_max_) + " bytes, but it has " +
                std::to_string(bytes) + "; pass references to artifacts instead",
            false};
  }

  void add(const NewFact& instead_of, EventBody body) {
    std::string payload = encode_payload(body);
    encoded_.push_back({{instead_of.stream, instead_of.tenant, instead_of.owner, std::move(body)},
                        std::move(payload)});
  }

  void replace(NewFact& fact, std::size_t bytes) {
    std::visit(
        [&]<typename T>(T& body) {
          if constexpr (requires { body.error.message; }) {
            body.error.message.resize(std::min(body.error.message.size(), kMessageBytesMax));
            add(fact, body);
          } else if constexpr (std::is_same_v<T, RunCreated>) {
            replace_run(body.run_id, bytes);
          } else if constexpr (std::is_same_v<T, RunSucceeded>) {
            add(fact, RunFailed{error(bytes)});
          } else if constexpr (requires { body.task_id; }) {
            add(fact, TaskFailed{body.task_id, 0, error(bytes)});
          } else {
            throw std::logic_error("an event of " + std::to_string(bytes) + " bytes follows");
          }
        },
        fact.body);
  }

  // What starts it is the fact before, of a step, or the one after, of a schedule.
  void replace_run(const std::string& run_id, std::size_t bytes) {
    if (!encoded_.empty()) {
      const auto* started = std::get_if<TaskChildStarted>(&encoded_.back().fact.body);
      if (started != nullptr && started->run_id == run_id) {
        const EncodedFact last = std::move(encoded_.back());
        encoded_.pop_back();
        const auto& task_id = std::get<TaskChildStarted>(last.fact.body).task_id;
        return add(last.fact, TaskFailed{task_id, 0, error(bytes)});
      }
    }
    for (NewFact& fact : facts_) {
      auto* fired = std::get_if<ScheduleFired>(&fact.body);
      if (fired == nullptr || fired->run_id != run_id) continue;
      fired->run_id.clear();
      fired->skipped = kCode;
    }
  }

  const std::size_t bytes_max_;
  std::vector<NewFact> facts_;
  std::vector<EncodedFact> encoded_;
};

}  // namespace

std::vector<EncodedFact> encode_within(std::size_t payload_bytes_max, std::vector<NewFact> facts) {
  return FactLimit(payload_bytes_max, std::move(facts)).encoded();
}

}  // namespace runledger::core
