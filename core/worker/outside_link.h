// What a plugin asks of other people's servers, and what came of it. Plain values, and the way from
// the plugin's process to the worker, which makes the calls: a plugin needs no HTTP client, and no
// secret.
#pragma once

#include <cstdint>
#include <string>

#include "core/egress/http_message.h"
#include "core/worker/resource_source.h"
#include "core/worker/task_link.h"

namespace runledger::core::worker {

struct OutsideRequest {
  egress::HttpRequest http;
  std::string credential;  // name of one that the operator has given the worker; empty: none
};

struct OutsideAnswer {
  egress::HttpOutcome outcome;
  std::uint64_t retry_after_ms = 0;  // that a 429 or 503 asks for; 0: nothing
};

// A download that becomes an artifact. The answer has no body.
struct FetchedArtifact {
  OutsideAnswer answer;
  StoredArtifact stored;  // of an answer with status 200
};

// Any thread; a call blocks until it is over or the task is told to stop.
class OutsideLink {
 public:
  virtual ~OutsideLink() = default;
  virtual OutsideAnswer call(OutsideRequest request) = 0;
  // The answer's media type is taken when `resource` has none.
  virtual FetchedArtifact fetch(OutsideRequest request, protocol::ResourceReport resource) = 0;
  // The content of a resource that the run's owner may see.
  virtual ResourceContent open(const std::string& resource_id) = 0;
};

}  // namespace runledger::core::worker
