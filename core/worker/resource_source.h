// Where a task's inputs come from that are resources: content that another step, or another run of
// the same owner, has made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/file_descriptor.h"

namespace runledger::core::worker {

// Why it is not given: `resource_unknown` (there is none, or not for this run's owner),
// `resource_not_ready`, `resource_unavailable`, `stopped`.
struct ResourceProblem {
  std::string code;
  std::string message;
  bool retryable = false;
};

struct ResourceContent {
  std::optional<ResourceProblem> problem;
  FileDescriptor file;  // open for reading, when there is no problem
  std::string media_type;
};

// Any thread; blocks until it is there or `stop` is requested.
class ResourceSource {
 public:
  virtual ~ResourceSource() = default;
  virtual ResourceContent get(const std::string& task_id, const std::string& resource_id,
                              const std::stop_token& stop) = 0;
};

// GET {server}/v1/worker/tasks/{task_id}/resources/{resource_id}/content. The token goes there.
std::unique_ptr<ResourceSource> make_http_resource_source(std::string server_url,
                                                          std::string token);

}  // namespace runledger::core::worker
