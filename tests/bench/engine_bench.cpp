// The engine alone, without I/O: commands decided and applied by one thread, the memory of a run
// that waits, and a list of few among many. Prints JSON.
//   engine_bench [--runs N] [--waiting N] [--listed N] [--dir PATH]
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/engine/command_factory.h"
#include "core/engine/recovery.h"
#include "core/engine/transition.h"
#include "core/views/projection.h"
#include "core/views/reader.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::core::bench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kCommandsPerCommit = 512;  // as the sequencer's groups under load
constexpr std::size_t kRunsPerCommit = 128;
constexpr std::size_t kRunsInMemory = 1000;
constexpr std::size_t kPages = 200;
constexpr std::size_t kConversations = 1000;

struct Settings {
  std::size_t runs = 200'000;
  std::size_t waiting = 1'000'000;
  std::size_t listed = 1'000'000;
  fs::path directory = fs::temp_directory_path() / "runledger-engine-bench";
};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

class StandingClock final : public Clock {
 public:
  std::int64_t now_us() const override { return now_us_ += 10; }

 private:
  mutable std::int64_t now_us_ = 1'700'000'000'000'000;
};
class Counter final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next_++);
  }

 private:
  unsigned next_ = 0;
};

// The sequencer's work without its thread: takes commands in groups and hands out each group.
class Taker {
 public:
  using Commit = std::function<void(std::span<const eventlog::StreamAppend>,
                                    std::span<const eventlog::RowChange>)>;
  using Load = std::function<void(State&, const std::string&)>;

  Taker(std::size_t runs_in_memory_max, Load load, Commit commit)
      : runs_in_memory_max_(runs_in_memory_max), commit_(std::move(commit)) {
    hooks_.load = std::move(load);
    hooks_.on_event = [this](const Event& event, std::string payload) {
      note(event, std::move(payload));
    };
    hooks_.input_fault = [](const std::string&, const JsonText&) {
      return std::nullopt;
    };
  }

  Outcome take(const Command& command) {
    if (!transition_) transition_.emplace(state_, hooks_, next_offset_);
    ++commands_;
    Outcome outcome = transition_->take(command);
    if (++in_group_ == kCommandsPerCommit) commit();
    return outcome;
  }
  void commit() {
    if (!transition_) return;
    next_offset_ = transition_->next_offset();
    const auto rows = projection_.take_rows(state_);
    commit_(items_, rows);
    items_.clear();
    in_group_ = 0;
    state_.idempotency.clear();
    evict();
    transition_.reset();
  }
  State& state() { return state_; }
  std::uint64_t commands() const { return commands_; }
  std::uint64_t events() const { return next_offset_; }

 private:
  void note(const Event& event, std::string payload) {
    projection_.note(state_, event);
    if (items_.empty() || items_.back().stream != event.stream) {
      items_.push_back({event.stream, event.idx, {}});
    }
    items_.back().events.push_back({event.time_us, event.tenant, event.owner,
                                    std::string(type_of(event.body)), event.version, event.actor,
                                    event.command_id, std::move(payload)});
  }
  void evict() {
    if (state_.runs.size() > runs_in_memory_max_) return state_.runs.clear();
    for (const std::string& run_id : transition_->touched()) {
      const RunState* run = state_.find_run(run_id);
      if (run != nullptr && run->ended()) evict_run(state_, run_id);
    }
  }

  std::size_t runs_in_memory_max_;
  Commit commit_;
  TransitionHooks hooks_;
  State state_;
  Projection projection_;
  std::optional<Transition> transition_;
  std::vector<eventlog::StreamAppend> items_;
  std::uint64_t next_offset_ = 0;
  std::size_t in_group_ = 0;
  std::uint64_t commands_ = 0;
};

// Makes the commands of runs of one task.
class Callers {
 public:
  Command submit(const std::shared_ptr<const RunPlan>& plan) {
    SubmitRun submit;
    submit.run_id = ids_.make("run");
    submit.plan = plan;
    submit.tasks = {{"main", ids_.make("task")}};
    submit.labels = {{"conversation_id", std::to_string(made_++ % kConversations)}};
    return commands_.from_user({"acme", "alice", {Role::kSubmitter}, "tok"}, std::move(submit));
  }
  Command ask(std::size_t slots) {
    GrantLeases ask{"wrk_1", "w1", false, {{"image", "1.0.0", std::string(64, 'a')}}, {}};
    for (std::size_t i = 0; i < slots; ++i) ask.lease_ids.push_back(ids_.make("lease"));
    return commands_.from_worker("w1", std::move(ask));
  }
  Command by_worker(CommandBody body) { return commands_.from_worker("w1", std::move(body)); }
  std::int64_t now_us() const { return clock_.now_us(); }

 private:
  StandingClock clock_;
  Counter random_;
  IdSource ids_{clock_, random_};
  CommandFactory commands_{clock_, ids_};
  std::size_t made_ = 0;
};

std::shared_ptr<const RunPlan> plan_of_one_task() {
  return std::make_shared<const RunPlan>(
      RunPlan{single_task_spec("image", {R"({"prompt":"a cat on a roof","width":1280})"}),
              {"{}"},
              {R"({"workspace":"ws-1"})"}});
}

LeaseRef lease_in(const Outcome& outcome) {
  const auto& grant = std::get<LeasesGranted>(std::get<CommandReply>(outcome)).grants.at(0);
  return {grant.run_id, grant.task_id, grant.lease_id};
}

// --- the life of one task: five commands, eight events ---

// So many runs go through it in turns: with as many as a commit has commands, none of a run's rows
// is written less than once a command.
Json measure_life_cycle(const Settings& settings, std::size_t at_a_time) {
  Taker taker(
      2 * kCommandsPerCommit, [](State&, const std::string&) {}, [](auto, auto) {});
  Callers callers;
  const auto plan = plan_of_one_task();
  std::vector<LeaseRef> leases(at_a_time);
  const auto start = SteadyClock::now();
  for (std::size_t i = 0; i < settings.runs; i += at_a_time) {
    for (std::size_t n = 0; n < at_a_time; ++n) taker.take(callers.submit(plan));
    for (LeaseRef& lease : leases) lease = lease_in(taker.take(callers.ask(1)));
    for (const LeaseRef& lease : leases) {
      taker.take(callers.by_worker(RecordProgress{lease, 30, "sketching"}));
    }
    for (const LeaseRef& lease : leases) {
      taker.take(callers.by_worker(RecordProgress{lease, 70, "colouring"}));
    }
    for (const LeaseRef& lease : leases) {
      taker.take(callers.by_worker(CompleteTask{lease, {R"({"resource_id":"res_1"})"}}));
    }
  }
  taker.commit();
  const double seconds = seconds_since(start);
  return {{"runs_at_a_time", at_a_time},
          {"commands", taker.commands()},
          {"events", taker.events()},
          {"seconds", seconds},
          {"commands_per_second", static_cast<double>(taker.commands()) / seconds}};
}

// --- what waits ---

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Runs wait for a timer; their rows would be on disk, so the memory is that of the engine alone.
Json measure_waiting(const Settings& settings) {
  Taker taker(
      kRunsInMemory, [](State&, const std::string&) {}, [](auto, auto) {});
  Callers callers;
  const auto plan = plan_of_one_task();
  const std::size_t before = resident_bytes();
  const auto start = SteadyClock::now();
  for (std::size_t i = 0; i < settings.waiting; ++i) {
    taker.take(callers.submit(plan));
    const LeaseRef lease = lease_in(taker.take(callers.ask(1)));
    taker.take(callers.by_worker(Sleep{lease, "later", 3'600'000}));
    // There is nothing to load a run from again, so none is evicted halfway.
    if (i % kRunsPerCommit == 0) taker.commit();
  }
  taker.commit();
  const std::size_t bytes = resident_bytes() - before;
  return {{"runs", taker.state().index.runs.size()},
          {"in_memory", taker.state().runs.size()},
          {"seconds", seconds_since(start)},
          {"resident_mib", static_cast<double>(bytes) / (1 << 20)},
          {"bytes_per_run", bytes / std::max<std::size_t>(settings.waiting, 1)}};
}

// --- lists ---

Json measure_lists_in(const Settings& settings) {
  eventlog::RocksDbStorage storage(settings.directory / "log");
  Callers callers;
  const auto plan = plan_of_one_task();
  {
    Taker taker(
        kRunsInMemory,
        [&](State& state, const std::string& id) { load_run_row(state, storage.rows(), id); },
        [&](auto items, auto rows) { storage.commit(items, rows); });
    for (std::size_t i = 0; i < settings.listed; ++i) {
      taker.take(callers.submit(plan));
      const LeaseRef lease = lease_in(taker.take(callers.ask(1)));
      if (i / kConversations % 10 == 0) continue;  // one in ten goes on running
      taker.take(callers.by_worker(CompleteTask{lease, {R"({"resource_id":"res_1"})"}}));
    }
    taker.commit();
  }
  const Principal reader_of{"acme", "olga", {Role::kOperator}, "tok"};
  std::vector<double> milliseconds;
  std::size_t listed = 0;
  for (std::size_t page = 0; page < kPages; ++page) {
    RunFilter filter;
    filter.statuses = {RunStatus::kSucceeded};
    filter.labels = {{"conversation_id", std::to_string(page * 7 % kConversations)}};
    const auto start = SteadyClock::now();
    listed += Reader(storage, reader_of).runs(filter).items.size();
    milliseconds.push_back(seconds_since(start) * 1000);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return {{"runs", settings.listed},
          {"items_per_page", static_cast<double>(listed) / kPages},
          {"p50_ms", milliseconds[kPages / 2]},
          {"p99_ms", milliseconds[kPages * 99 / 100]}};
}

// The directory goes when the log is closed.
Json measure_lists(const Settings& settings) {
  fs::remove_all(settings.directory);
  fs::create_directories(settings.directory);
  Json figures = measure_lists_in(settings);
  fs::remove_all(settings.directory);
  return figures;
}

Settings parse(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--runs") settings.runs = std::stoull(argv[i + 1]);
    if (name == "--waiting") settings.waiting = std::stoull(argv[i + 1]);
    if (name == "--listed") settings.listed = std::stoull(argv[i + 1]);
    if (name == "--dir") settings.directory = argv[i + 1];
  }
  return settings;
}

}  // namespace
}  // namespace runledger::core::bench

int main(int argc, char** argv) {
  using namespace runledger::core::bench;
  const Settings settings = parse(argc, argv);
  Json json;
  if (settings.runs > 0) {
    json["life_cycle"] = measure_life_cycle(settings, 1);
    json["life_cycle_in_turns"] = measure_life_cycle(settings, kCommandsPerCommit);
  }
  if (settings.waiting > 0) json["waiting"] = measure_waiting(settings);
  if (settings.listed > 0) json["lists"] = measure_lists(settings);
  std::cout << json.dump(2) << "\n";
}
