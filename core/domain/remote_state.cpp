#include "core/domain/remote_state.h"

#include <array>

#include "core/base/json_writer.h"
#include "core/base/names.h"

namespace runledger::core {
namespace {

constexpr std::array<Name<RemoteStatus>, 5> kStatusNames{
    {{RemoteStatus::kIntended, "intended"},
     {RemoteStatus::kSubmitted, "submitted"},
     {RemoteStatus::kFailed, "failed"},
     {RemoteStatus::kUnknown, "unknown"},
     {RemoteStatus::kNotSubmitted, "not_submitted"}}};
constexpr std::array<Name<RemoteOutcome>, 3> kOutcomeNames{
    {{RemoteOutcome::kSubmitted, "submitted"},
     {RemoteOutcome::kNotSubmitted, "not_submitted"},
     {RemoteOutcome::kFailed, "failed"}}};

}  // namespace

std::string_view to_text(RemoteStatus value) {
  return name_of(kStatusNames, value);
}
bool from_text(std::string_view text, RemoteStatus& value) {
  return find_name(kStatusNames, text, value);
}
std::string_view to_text(RemoteOutcome value) {
  return name_of(kOutcomeNames, value);
}
bool from_text(std::string_view text, RemoteOutcome& value) {
  return find_name(kOutcomeNames, text, value);
}

const RemoteCall* open_call(const std::vector<RemoteCall>& calls) {
  if (calls.empty() || calls.back().status == RemoteStatus::kSubmitted) return nullptr;
  return &calls.back();
}

const RemoteCall* unanswered_call(const std::vector<RemoteCall>& calls) {
  const RemoteCall* call = open_call(calls);
  const bool unanswered = call != nullptr && (call->status == RemoteStatus::kIntended ||
                                              call->status == RemoteStatus::kUnknown);
  return unanswered ? call : nullptr;
}

std::string remote_key(std::string_view task_id, std::uint32_t begun_anew, std::uint32_t ordinal) {
  return std::string(task_id)
      .append(1, '-')
      .append(std::to_string(begun_anew))
      .append(1, '-')
      .append(std::to_string(ordinal));
}

JsonText remote_result(const RemoteCall& call) {
  return {JsonWriter()
              .text("execute_id", call.execute_id)
              .text("idempotency_key", call.idempotency_key)
              .text("resource_id", call.resource ? call.resource->resource_id : "")
              .take()};
}

}  // namespace runledger::core
