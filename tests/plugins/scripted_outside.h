// What is outside of a task, as a test scripts it for the fake host, behind the worker's own host
// code.
#pragma once

#include <functional>
#include <map>
#include <runledger/testing/http_reply.hpp>
#include <string>

#include "core/worker/outside_link.h"

namespace runledger::core::worker::testing {

struct OutsideScript {
  std::function<runledger::testing::HttpReply(const HttpRequest&)> servers;
  std::map<std::string, std::string> resources;  // text/plain, by id
};

// Artifacts go to `link`, which says too whether the task is to stop. One thread.
class ScriptedOutside final : public OutsideLink {
 public:
  ScriptedOutside(TaskLink& link, const OutsideScript& script) : link_(link), script_(script) {}

  OutsideAnswer call(OutsideRequest request) override;
  FetchedArtifact fetch(OutsideRequest request, protocol::ResourceReport resource) override;
  ResourceContent open(const std::string& resource_id) override;

 private:
  TaskLink& link_;
  const OutsideScript& script_;
};

}  // namespace runledger::core::worker::testing
