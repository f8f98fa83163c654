// Plugins' processes as a worker has them, with a runner, and a server that the test plays.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/worker/describe.h"
#include "core/worker/limits.h"
#include "core/worker/plugin_hosts.h"
#include "core/worker/task_runner.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {

class HostFixture : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kMemory = 512ULL << 20;
  static HostSettings hosts() { return {RUNLEDGER_WORKER_PROCESS, kMemory, {}}; }
  static PluginFile plugin(const std::string& name) {
    HostWatch watch;
    const std::filesystem::path file = RUNLEDGER_TEST_PLUGINS "/" + name + ".so";
    const auto found = find_plugins(RUNLEDGER_TEST_PLUGINS, [&](const std::filesystem::path& each) {
      if (each != file) return Description(PluginRefusal{each, "not wanted"});
      return describe_plugin(hosts(), each, watch);
    });
    if (found.plugins.size() != 1) throw std::runtime_error(name + " cannot be used");
    return found.plugins[0];
  }
  // Runs one task to its end and gives what it came to.
  protocol::ReportBody run(TaskRunner& runner, const std::string& type, const std::string& deed) {
    const auto ended = link.free_slots().size();
    start(runner, type, deed);
    link.wait_for_free_slots(ended + 1);
    return link.reports().back();
  }
  std::string start(TaskRunner& runner, const std::string& type, const std::string& deed) {
    const std::string lease = "lease_" + std::to_string(++leases_);
    runner.start(testing::leased(lease, type, R"({"do": ")" + deed + "\"}"));
    return lease;
  }
  static nlohmann::json output_of(const protocol::ReportBody& outcome) {
    if (const auto* failed = std::get_if<protocol::FailedReport>(&outcome)) {
      ADD_FAILURE() << failed->code << ": " << failed->message;
    }
    return nlohmann::json::parse(std::get<protocol::SucceededReport>(outcome).output);
  }

  testing::FakeLink link;
  testing::FakeUploader uploader;

 private:
  int leases_ = 0;
};

}  // namespace runledger::core::worker
