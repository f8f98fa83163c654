#include <array>
#include <string>

#include "eventlog/bench/parts.h"
#include "eventlog/bench/writers.h"

namespace runledger::eventlog::bench {
namespace {

constexpr std::size_t kKinds = 4;

}  // namespace

AppendFigures measure_append(const Settings& settings, std::size_t clients) {
  const std::filesystem::path directory = settings.directory / "append";
  std::filesystem::create_directory(directory);
  AppendFigures figures;
  figures.clients = clients;
  {
    const std::array<std::unique_ptr<Writer>, kKinds> writers = {
        file_writer(directory / "file"), bare_rocksdb_writer(directory / "bare"),
        unsealed_writer(directory / "unsealed"), log_writer(directory / "log")};
    std::array<std::vector<double>, kKinds> took_us;
    std::array<double, kKinds> cpu_us{};
    Workload workload;
    const std::string what = "append, " + std::to_string(clients) + " clients";
    for (std::size_t i = 0; i < settings.groups; ++i) {
      settings.on_progress(what, i, settings.groups);
      const Group group = workload.next(clients);
      for (std::size_t turn = 0; turn < kKinds; ++turn) {
        const std::size_t kind = (i + turn) % kKinds;
        const double cpu_start_us = thread_cpu_us();
        const auto start = Clock::now();
        writers[kind]->write(group);
        took_us[kind].push_back(us_since(start));
        cpu_us[kind] += thread_cpu_us() - cpu_start_us;
      }
    }
    figures.fdatasync = rate_of(took_us[0], clients);
    figures.bare_rocksdb = rate_of(took_us[1], clients);
    figures.unsealed = rate_of(took_us[2], clients);
    figures.log = rate_of(took_us[3], clients);
    const auto commands = static_cast<double>(settings.groups * clients);
    figures.bare_rocksdb_cpu_us = cpu_us[1] / commands;
    figures.unsealed_cpu_us = cpu_us[2] / commands;
    figures.log_cpu_us = cpu_us[3] / commands;
    figures.seal_cpu_share = 1 - cpu_us[2] / cpu_us[3];
  }
  const double unsealed_us = figures.unsealed.latency.p50_us;
  figures.seal_share = 1 - unsealed_us / figures.log.latency.p50_us;
  std::filesystem::remove_all(directory);
  return figures;
}

}  // namespace runledger::eventlog::bench
