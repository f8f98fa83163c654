// What is known of the jobs that a task hands to somebody else's server. A job is intended before
// it is handed over and submitted when the provider has named it; in between nobody knows, and
// what stays in between becomes unknown until a person says. Plain values. The names are on disk
// and in answers: never change one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/base/json_text.h"
#include "core/domain/error.h"

namespace runledger::core {

enum class RemoteStatus : std::uint8_t {
  kIntended,      // it is being handed over, or was when its worker was lost
  kSubmitted,     // the provider has it and has named it
  kFailed,        // the provider does not have it
  kUnknown,       // nobody knows, and somebody has to say
  kNotSubmitted,  // somebody has said that the provider does not have it
};
std::string_view to_text(RemoteStatus value);
bool from_text(std::string_view text, RemoteStatus& value);

// What an operator says of an unknown one.
enum class RemoteOutcome : std::uint8_t {
  kSubmitted,     // the provider has it under this id: the task goes on with it
  kNotSubmitted,  // it does not: the task hands it over again, under the same key
  kFailed,        // the task fails
};
std::string_view to_text(RemoteOutcome value);
bool from_text(std::string_view text, RemoteOutcome& value);

// The resource that a job is to become, from when it was handed over.
struct RemotePlaceholder {
  std::string resource_id;
  std::string name;
  std::string media_type;
  bool operator==(const RemotePlaceholder&) const = default;
  static constexpr auto fields() {
    using P = RemotePlaceholder;
    return std::tuple{field("resource_id", &P::resource_id), field("name", &P::name),
                      field("media_type", &P::media_type)};
  }
};

struct RemoteCall {
  std::uint32_t ordinal = 1;  // among the remote calls of the task since it began
  std::string provider;
  std::string idempotency_key;
  RemoteStatus status = RemoteStatus::kIntended;
  std::string lease_id;    // under which it was last intended
  std::string execute_id;  // once it is submitted
  std::optional<RemotePlaceholder> resource;
  std::optional<Error> error;  // why it has failed, or is unknown
  std::int64_t since_us = 0;   // of the status
  bool cancel_requested = false;
  bool operator==(const RemoteCall&) const = default;
  static constexpr auto fields() {
    using R = RemoteCall;
    return std::tuple{field("ordinal", &R::ordinal),
                      field("provider", &R::provider),
                      field("idempotency_key", &R::idempotency_key),
                      field("status", &R::status),
                      extra("lease_id", &R::lease_id),
                      extra("execute_id", &R::execute_id),
                      field("resource", &R::resource),
                      field("error", &R::error),
                      field("since_us", &R::since_us),
                      extra("cancel_requested", &R::cancel_requested)};
  }
};

// The call that is not through yet; nullptr: the next one is a new one. Only the last can be it.
const RemoteCall* open_call(const std::vector<RemoteCall>& calls);
// The open one, if its provider may have it: it is intended or unknown.
const RemoteCall* unanswered_call(const std::vector<RemoteCall>& calls);

// What a provider is given to know a job by: the same over attempts, restarts and workers, and
// another when the task was begun anew.
std::string remote_key(std::string_view task_id, std::uint32_t begun_anew, std::uint32_t ordinal);

// What the executor gets of a submitted one: {"execute_id", "idempotency_key", "resource_id"}.
JsonText remote_result(const RemoteCall& call);

}  // namespace runledger::core
