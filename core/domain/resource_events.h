// The events of a run's stream that speak of its resources. See events.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/fields.h"
#include "core/domain/error.h"
#include "core/domain/status.h"

namespace runledger::core {

struct ResourceCreated {
  static constexpr std::string_view kType = "resource.created";
  static constexpr std::uint16_t kVersion = 2;  // 1: was never a job at a provider
  std::string resource_id;
  std::string task_id;
  std::string name;
  std::string media_type;
  std::string task_type;
  // kPending: its content is the next event. kRunning: a provider has the job that it is to come
  // from; kUnknown: it may have it.
  ResourceStatus status = ResourceStatus::kPending;
  std::string execute_id;  // of that job
  static constexpr auto fields() {
    using E = ResourceCreated;
    return std::tuple{field("resource_id", &E::resource_id),
                      field("task_id", &E::task_id),
                      field("name", &E::name),
                      field("media_type", &E::media_type),
                      extra("task_type", &E::task_type),
                      extra("status", &E::status),
                      extra("execute_id", &E::execute_id)};
  }
};
struct ResourceSucceeded {
  static constexpr std::string_view kType = "resource.succeeded";
  static constexpr std::uint16_t kVersion = 2;  // 1: the media type was always as it was created
  std::string resource_id;
  std::string sha256;
  std::uint64_t size = 0;  // bytes
  std::string media_type;  // if it is another than was expected
  static constexpr auto fields() {
    using E = ResourceSucceeded;
    return std::tuple{field("resource_id", &E::resource_id), field("sha256", &E::sha256),
                      field("size", &E::size), extra("media_type", &E::media_type)};
  }
};
// There will be no content: its task has ended, or begun anew, without it.
struct ResourceFailed {
  static constexpr std::string_view kType = "resource.failed";
  std::string resource_id;
  Error error;
  static constexpr auto fields() {
    using E = ResourceFailed;
    return std::tuple{field("resource_id", &E::resource_id), field("error", &E::error)};
  }
};

}  // namespace runledger::core
