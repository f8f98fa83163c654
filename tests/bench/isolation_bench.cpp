// What running tasks in plugins' processes costs: the same task of the same plugin, which does
// nothing, by the same runner, once executed in this process and once in a process of its own, by
// turns. And what a new process costs. isolation_bench [TASKS]
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <vector>

#include "core/worker/describe.h"
#include "core/worker/limits.h"
#include "core/worker/plugin_hosts.h"
#include "core/worker/task_runner.h"
#include "tests/plugins/local_executor.h"

namespace {

using namespace runledger::core;
using namespace runledger::core::worker;
using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

// Takes everything; says when a task has ended.
class Sink final : public ServerLink {
 public:
  Delivery offer(const protocol::LeasedTask&, std::vector<protocol::ReportBody>) override {
    return Delivery::kTaken;
  }
  Delivery send(const protocol::LeasedTask&, std::vector<protocol::ReportBody> bodies) override {
    succeeded = std::holds_alternative<protocol::SucceededReport>(bodies.back());
    return Delivery::kTaken;
  }
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask&,
                                                         protocol::ReportBody) override {
    return protocol::Acknowledgement{1, "res_1"};
  }
  void slot_is_free(const std::string&) override { ended.release(); }
  void has_parked(const std::string&) override {}
  void has_left(const std::string&) override {}
  void want(std::uint32_t) override {}
  void give_back(std::vector<std::string>) override {}
  std::uint64_t connection() const override { return 1; }
  bool wait_for_later(std::uint64_t, const protocol::LeasedTask&) override { return false; }

  std::binary_semaphore ended{0};
  bool succeeded = false;
};

class NoUploads final : public ArtifactUploader {
 public:
  UploadResult put(std::string_view, std::string_view, std::span<const std::byte>,
                   const std::stop_token&) override {
    return {UploadOutcome::kRefused, "nothing is uploaded here"};
  }
};

class Lane {
 public:
  explicit Lane(TaskExecutor& executor) : runner_(1, executor, sink_, uploads_) {}

  void run_one() {
    const auto began = Clock::now();
    runner_.start({"run_1", "task_1", "lease_1", 1, "zoo", R"({"do":"nothing"})", "{}"});
    sink_.ended.acquire();
    times_.push_back(Microseconds(Clock::now() - began).count());
    if (!sink_.succeeded) throw std::runtime_error("a task has failed");
  }
  double percentile(double part) {
    std::sort(times_.begin(), times_.end());
    return times_.at(static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1)));
  }
  void print(const char* what) {
    std::printf("%-28s p50 %8.1f us   p99 %8.1f us\n", what, percentile(0.5), percentile(0.99));
  }

 private:
  Sink sink_;
  NoUploads uploads_;
  TaskRunner runner_;
  std::vector<double> times_;
};

int measure(std::size_t tasks) {
  const std::filesystem::path file = RUNLEDGER_TEST_PLUGINS "/zoo.so";
  const HostSettings hosts{RUNLEDGER_BINARY, kHostMemoryBytes, {}};
  HostWatch watch;
  const auto found =
      find_plugins(RUNLEDGER_TEST_PLUGINS, [&](const std::filesystem::path& each) -> Description {
        if (each != file) return PluginRefusal{each, "not measured"};
        return describe_plugin(hosts, each, watch);
      });
  const auto loaded = load_plugin(file);
  if (found.plugins.empty()) throw std::runtime_error("the plugin cannot be used");
  testing::LocalExecutor in_process({{"zoo", std::get<Plugin>(loaded).descriptor}});
  PluginHosts isolated(hosts, found.plugins, 1);
  Lane local(in_process);
  Lane apart(isolated);
  for (std::size_t i = 0; i < tasks; ++i) {
    local.run_one();
    apart.run_one();
  }
  PluginHosts anew(hosts, found.plugins, 1);
  Lane first(anew);
  for (int i = 0; i < 30; ++i) {
    first.run_one();
    anew.close();
  }
  std::printf("%zu tasks that do nothing, one after the other\n", tasks);
  local.print("in this process");
  apart.print("in a process of its own");
  first.print("in a new process each");
  std::printf("isolation costs at p50: %.1f us\n", apart.percentile(0.5) - local.percentile(0.5));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  spdlog::set_level(spdlog::level::warn);
  try {
    return measure(count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 5000);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "isolation_bench: %s\n", failed.what());
    return 1;
  }
}
