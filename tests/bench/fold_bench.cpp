// fold_bench [--events N] [--runs N] [--dir DIR]: how fast the log is folded into rows, and how
// long a start takes, after a clean stop and after a kill with a full WAL. One JSON object on
// stdout. N runs go on side by side and are active at the end.
//
// With --fill-wal it is its own child: it commits as a server does until the WAL is about as full
// as it gets, and ends without closing anything.
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/engine/event_feed.h"
#include "core/engine/rebuild.h"
#include "core/engine/recovery.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/bench/run_workload.h"

extern char** environ;

namespace runledger::core::bench {
namespace {

namespace fs = std::filesystem;
using eventlog::RocksDbStorage;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kEventsPerAppend = 1000;
constexpr std::size_t kEventsPerCommit = 64;  // of the server before it is killed

struct Settings {
  std::uint64_t events = 1'000'000;
  std::size_t runs = 256;
  fs::path directory = fs::temp_directory_path() / "runledger-fold-bench";
  bool fill_wal = false;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

fs::path log_of(const Settings& settings) {
  return settings.directory / "log";
}

void write_log(const Settings& settings) {
  RocksDbStorage storage(log_of(settings));
  RunWorkload workload(settings.runs);
  std::vector<eventlog::StreamAppend> items;
  for (std::uint64_t event = 0; event < settings.events; ++event) {
    items.push_back(workload.next());
    if (items.size() < kEventsPerAppend && event + 1 < settings.events) continue;
    storage.log().append(items);
    items.clear();
  }
}

// Wall and processor time of something that handles all events.
template <typename Work>
Json measured(std::uint64_t events, const Work& work) {
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  work();
  const double seconds = seconds_since(start);
  const double used = cpu_seconds() - cpu;
  return {{"seconds", seconds},
          {"events_per_second", static_cast<double>(events) / seconds},
          {"cpu_us_per_event", used * 1e6 / static_cast<double>(events)}};
}

Json measure_parts(const Settings& settings) {
  RocksDbStorage storage(log_of(settings));
  const auto head = storage.log().head();
  Json json;
  json["read"] = measured(
      head, [&] { storage.log().read(0, [](const eventlog::RecordView&) { return true; }); });
  std::uint64_t seen = 0;
  json["read_and_decode"] = measured(head, [&] {
    feed_events(storage.log(), 0, head, [&](const Event&, std::size_t) { ++seen; });
  });
  if (seen != head) throw std::runtime_error("events are missing");
  json["fold_tail"] =
      measured(head, [&] { fold_tail(storage, [](std::uint64_t, std::uint64_t) {}); });
  json["rebuild"] = measured(head, [&] {
    eventlog::ScratchRows scratch(settings.directory);
    const auto report = rebuild(storage, scratch, [](std::uint64_t, std::uint64_t) {});
    if (report.differences > 0) throw std::runtime_error("the rows are not the fold");
    json["rows"] = report.rows;
    json["digest"] = report.digest;
  });
  return json;
}

Json measure_start(const Settings& settings) {
  const auto start = Clock::now();
  RocksDbStorage storage(log_of(settings));
  const double opened = seconds_since(start);
  const State state = recover(storage);
  const double seconds = seconds_since(start);
  return {{"seconds", seconds},
          {"open_seconds", opened},
          {"events", storage.log().head()},
          {"active_runs", state.runs.size()}};
}

std::uintmax_t wal_bytes(const Settings& settings) {
  std::uintmax_t bytes = 0;
  for (const auto& file : fs::directory_iterator(log_of(settings))) {
    std::error_code gone;  // the storage deletes old ones
    const auto size = file.path().extension() == ".log" ? file.file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// Whether the WAL is nearly as large as it was before the storage last began a new one.
class WalFullness {
 public:
  void note(std::uintmax_t bytes) {
    if (bytes < now_ / 2) {
      ++times_emptied_;
      full_ = now_;
    }
    now_ = bytes;
  }
  // The first time does not count: the start left it with less.
  bool is_full() const { return times_emptied_ >= 2 && now_ * 20 >= full_ * 19; }

 private:
  int times_emptied_ = 0;
  std::uintmax_t full_ = 0;
  std::uintmax_t now_ = 0;
};

// The child: new runs, each commit with its rows.
[[noreturn]] void fill_wal(const Settings& settings) {
  RocksDbStorage storage(log_of(settings));
  RunWorkload workload(settings.runs);
  State state = recover(storage);
  Projection projection;
  WalFullness fullness;
  for (std::uint64_t offset = storage.log().head(); !fullness.is_full();) {
    std::vector<eventlog::StreamAppend> items;
    for (std::size_t i = 0; i < kEventsPerCommit; ++i) {
      items.push_back(workload.next());
      items.back().stream += "-again";
      if (items.back().expected_idx == 0) {
        auto& payload = items.back().events[0].payload;
        payload.insert(payload.find("\",\"tasks\""), "-again");
      }
      eventlog::RecordView record;
      record.offset = offset++;
      record.idx = items.back().expected_idx;
      const eventlog::NewEvent& event = items.back().events[0];
      record.version = event.version;
      record.stream = items.back().stream;
      record.tenant = event.tenant;
      record.owner = event.owner;
      record.type = event.type;
      record.payload = event.payload;
      const Event decoded = decode_event(record);
      apply(state, decoded);
      projection.note(state, decoded);
    }
    storage.commit(items, projection.take_rows(state));
    fullness.note(wal_bytes(settings));
  }
  _exit(0);
}

void run_child(const Settings& settings) {
  std::vector<std::string> texts = {"/proc/self/exe",
                                    "--fill-wal",
                                    "1",
                                    "--runs",
                                    std::to_string(settings.runs),
                                    "--dir",
                                    settings.directory.string()};
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  int status = -1;
  if (posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0 ||
      waitpid(pid, &status, 0) != pid || status != 0) {
    throw std::runtime_error("the child that fills the WAL has failed");
  }
}

// Of this process so far.
double peak_memory_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

Json bench(const Settings& settings) {
  fs::remove_all(settings.directory);
  fs::create_directories(settings.directory);
  Json json = {{"events", settings.events},
               {"runs", settings.runs},
               {"cores", std::thread::hardware_concurrency()}};
  const auto start = Clock::now();
  write_log(settings);
  json["write_seconds"] = seconds_since(start);
  json.update(measure_parts(settings));
  json["peak_memory_mib"] = peak_memory_mib();
  json["start_after_clean_stop"] = measure_start(settings);
  run_child(settings);
  json["wal_bytes"] = wal_bytes(settings);
  json["start_after_kill"] = measure_start(settings);
  fs::remove_all(settings.directory);
  return json;
}

Settings parse(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--events") settings.events = std::stoull(argv[i + 1]);
    if (name == "--runs") settings.runs = std::stoull(argv[i + 1]);
    if (name == "--dir") settings.directory = argv[i + 1];
    if (name == "--fill-wal") settings.fill_wal = true;
  }
  return settings;
}

}  // namespace
}  // namespace runledger::core::bench

int main(int argc, char** argv) {
  using namespace runledger::core::bench;
  spdlog::set_level(spdlog::level::warn);
  const Settings settings = parse(argc, argv);
  if (settings.fill_wal) fill_wal(settings);
  std::cout << bench(settings).dump(2) << "\n";
}
