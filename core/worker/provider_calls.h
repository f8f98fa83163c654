// Makes plugins' calls to other people's servers, in the worker: with the check of the address,
// limits, and the credentials that plugins know by name only.
#pragma once

#include <stop_token>
#include <vector>

#include "core/egress/http_call.h"
#include "core/worker/credential.h"
#include "core/worker/outside_link.h"

namespace runledger::core::worker {

struct ProviderAccess {
  egress::AllowedEndpoints allowed;  // that are not public, and may be called all the same
  std::vector<Credential> credentials;
};

// Any thread, several calls at a time; each blocks until it is over or `stop` is requested.
class ProviderCalls {
 public:
  explicit ProviderCalls(ProviderAccess access);

  OutsideAnswer call(OutsideRequest request, const std::stop_token& stop) const;
  // The body goes to `file`.
  OutsideAnswer download(OutsideRequest request, int file, const std::stop_token& stop) const;

 private:
  const ProviderAccess access_;
  const egress::HttpCaller caller_;
};

}  // namespace runledger::core::worker
