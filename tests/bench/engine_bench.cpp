// The engine alone, without I/O: commands decided, applied and rendered by one thread, the memory
// of a run that waits, and what is written to rows by a run that has much. Prints JSON.
//   engine_bench [--runs N] [--waiting N] [--reports N]
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/bench/engine_taker.h"

namespace runledger::core::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kRunsPerCommit = 128;
constexpr std::size_t kRunsInMemory = 1000;
constexpr std::size_t kConversations = 1000;

Callers::Labels conversation(std::size_t run) {
  return {{"conversation_id", std::to_string(run % kConversations)}};
}

struct Settings {
  std::size_t runs = 0;
  std::size_t waiting = 0;
  std::size_t reports = 0;
};

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
    for (std::size_t n = 0; n < at_a_time; ++n) {
      taker.take(callers.submit(plan, conversation(i + n)));
    }
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
    taker.take(callers.submit(plan, conversation(i)));
    const LeaseRef lease = lease_in(taker.take(callers.ask(1)));
    taker.take(callers.by_worker(
        SuspendTask{lease, WaitKind::kTimer, "later", callers.now_us() + 3'600'000'000}));
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

// --- what is written of a run that has much ---

struct Written {
  std::size_t rows = 0;
  std::size_t bytes = 0;  // keys and values
  void add(std::span<const eventlog::RowChange> changes) {
    rows += changes.size();
    for (const auto& change : changes) {
      bytes += change.key.size() + (change.value ? change.value->size() : 0);
    }
  }
};

// A step that resolves its input from the run's.
std::shared_ptr<const RunPlan> plan_with_input(std::size_t bytes) {
  constexpr const char* kSpec =
      R"({"steps":[{"id":"main","task":"image","input":{"text":"${run.input.text}"}}]})";
  const std::string input = R"({"text":")" + std::string(bytes, 'x') + "\"}";
  return std::make_shared<const RunPlan>(
      RunPlan{std::get<WorkflowSpec>(parse_spec(kSpec)), {input}, {"{}"}});
}

// A run of one task with an input of so many bytes; each report is a commit of its own.
template <typename Report>
Json measure_rows(const Settings& settings, std::size_t input_bytes, Report report) {
  Written written;
  Taker taker(
      kRunsInMemory, [](State&, const std::string&) {},
      [&](auto, std::span<const eventlog::RowChange> rows) { written.add(rows); });
  Callers callers;
  taker.take(callers.submit(plan_with_input(input_bytes)));
  const LeaseRef lease = lease_in(taker.take(callers.ask(1)));
  taker.commit();
  const Written began = written;
  const auto start = SteadyClock::now();
  for (std::size_t i = 0; i < settings.reports; ++i) {
    taker.take(callers.by_worker(report(lease, i)));
    taker.commit();
  }
  const auto per_report = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(settings.reports);
  };
  return {{"input_bytes", input_bytes},
          {"reports", settings.reports},
          {"bytes_at_its_begin", began.bytes},
          {"bytes_per_report", per_report(written.bytes - began.bytes)},
          {"rows_per_report", per_report(written.rows - began.rows)},
          {"us_per_report", seconds_since(start) * 1e6 / static_cast<double>(settings.reports)}};
}

Json measure_rows(const Settings& settings) {
  constexpr std::size_t kMuch = 1000 * 1000;
  const auto progress = [](const LeaseRef& lease, std::size_t i) {
    return RecordProgress{lease, static_cast<double>(i % 100), "drawing"};
  };
  const auto step = [](const LeaseRef& lease, std::size_t i) {
    return CompleteStep{lease, "step-" + std::to_string(i), {'"' + std::string(500, 'r') + '"'}};
  };
  return {{"progress_of_a_small_run", measure_rows(settings, 100, progress)},
          {"progress_of_a_large_run", measure_rows(settings, kMuch, progress)},
          {"finished_steps", measure_rows(settings, 100, step)}};
}

}  // namespace
}  // namespace runledger::core::bench

int main(int argc, char** argv) {
  using namespace runledger::core::bench;
  const Settings settings{number(argc, argv, "runs", 200'000),
                          number(argc, argv, "waiting", 1'000'000),
                          number(argc, argv, "reports", 1000)};
  Json json;
  if (settings.runs > 0) {
    json["life_cycle"] = measure_life_cycle(settings, 1);
    json["life_cycle_in_turns"] = measure_life_cycle(settings, kCommandsPerCommit);
  }
  if (settings.waiting > 0) json["waiting"] = measure_waiting(settings);
  if (settings.reports > 0) json["rows"] = measure_rows(settings);
  std::cout << json.dump(2) << "\n";
}
