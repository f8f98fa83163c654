// The events of a run's stream that speak of jobs at other people's servers: what was about to be
// handed over, and what is known of it. See events.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fields.h"
#include "core/domain/remote_state.h"

namespace runledger::core {

// The job is about to be handed over. Without one of the next three the provider may have it.
struct RemoteIntended {
  static constexpr std::string_view kType = "remote.intended";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  std::string lease_id;
  std::optional<RemotePlaceholder> resource;  // what it is to become
  // Why again, under the same key: "failed", "not_submitted", or "not_found": the provider was
  // asked. Empty: it is the first time.
  std::string after;
  static constexpr auto fields() {
    using E = RemoteIntended;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("ordinal", &E::ordinal),
                      field("provider", &E::provider),
                      field("idempotency_key", &E::idempotency_key),
                      field("lease_id", &E::lease_id),
                      field("resource", &E::resource),
                      extra("after", &E::after)};
  }
};
struct RemoteSubmitted {
  static constexpr std::string_view kType = "remote.submitted";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  std::string execute_id;  // as the provider names it
  std::string resource_id;
  bool found = false;  // by its key: whoever had handed it over did not come to say so
  static constexpr auto fields() {
    using E = RemoteSubmitted;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("ordinal", &E::ordinal),
                      field("provider", &E::provider),
                      field("idempotency_key", &E::idempotency_key),
                      field("execute_id", &E::execute_id),
                      extra("resource_id", &E::resource_id),
                      extra("found", &E::found)};
  }
};
// The provider does not have it.
struct RemoteFailed {
  static constexpr std::string_view kType = "remote.failed";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  Error error;
  static constexpr auto fields() {
    using E = RemoteFailed;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("ordinal", &E::ordinal),
                      field("provider", &E::provider),
                      field("idempotency_key", &E::idempotency_key),
                      field("error", &E::error)};
  }
};
// Nobody knows whether the provider has it. The task waits for somebody who says, unless its end
// is the next event.
struct RemoteUnknown {
  static constexpr std::string_view kType = "remote.unknown";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  Error error;
  static constexpr auto fields() {
    using E = RemoteUnknown;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("ordinal", &E::ordinal),
                      field("provider", &E::provider),
                      field("idempotency_key", &E::idempotency_key),
                      field("error", &E::error)};
  }
};
// Somebody has said what became of it.
struct RemoteResolved {
  static constexpr std::string_view kType = "remote.resolved";
  std::string task_id;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  RemoteOutcome outcome = RemoteOutcome::kSubmitted;
  std::string execute_id;  // of a submitted one
  std::string resource_id;
  std::string message;
  static constexpr auto fields() {
    using E = RemoteResolved;
    return std::tuple{
        field("task_id", &E::task_id),         field("ordinal", &E::ordinal),
        field("provider", &E::provider),       field("idempotency_key", &E::idempotency_key),
        field("outcome", &E::outcome),         extra("execute_id", &E::execute_id),
        extra("resource_id", &E::resource_id), extra("message", &E::message)};
  }
};
// The run is being canceled: the task's worker has its executor tell the provider, if it can.
struct RemoteCancelRequested {
  static constexpr std::string_view kType = "remote.cancel_requested";
  std::string task_id;
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string execute_id;
  static constexpr auto fields() {
    using E = RemoteCancelRequested;
    return std::tuple{field("task_id", &E::task_id), field("ordinal", &E::ordinal),
                      field("provider", &E::provider), field("execute_id", &E::execute_id)};
  }
};

}  // namespace runledger::core
