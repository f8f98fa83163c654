// Pages of 50 runs out of many on a disk, in every shape that a filter can have. Prints JSON: of
// each shape the items of a page, and how long a page takes.
//   list_bench [--runs N] [--pages N] [--dir PATH] [--keep 1]
// With --keep the log stays, and one that is there already is used again.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "core/engine/row_fold.h"
#include "core/views/reader.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/bench/engine_taker.h"

namespace runledger::core::bench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kRunsInMemory = 2000;
constexpr std::size_t kConversations = 1000;
constexpr std::size_t kUsers = 100;
constexpr std::size_t kRunsPerFailure = 20'000;

struct Settings {
  std::size_t runs = 0;
  std::size_t pages = 0;
  fs::path directory;
  bool keep = false;
};

std::string text(std::size_t number) {
  return std::to_string(number);
}

// One in ten goes on running; the rest has succeeded, but for a few that failed. The latest tenth
// has another era than all before.
void fill(eventlog::Storage& storage, std::size_t runs) {
  Callers callers;
  const auto plan = plan_of_one_task();
  Taker taker(
      kRunsInMemory,
      [&](State& state, const std::string& id) { load_run_row(state, storage.rows(), id); },
      [&](auto items, auto rows) { storage.commit(items, rows); });
  for (std::size_t i = 0; i < runs; ++i) {
    const std::size_t conversation = i % kConversations;
    taker.take(callers.submit(plan,
                              {{"conversation_id", text(conversation)},
                               {"parity", i % 2 == 0 ? "even" : "odd"},
                               {"era", i < runs / 10 * 9 ? "old" : "new"}},
                              "user" + text(i % kUsers)));
    const LeaseRef lease = lease_in(taker.take(callers.ask(1)));
    if (i / kConversations % 10 == 0) continue;
    if (i % kRunsPerFailure == kRunsPerFailure / 4 * 3) {
      taker.take(callers.by_worker(FailTask{lease, {"boom", "It failed", false}}));
    } else {
      taker.take(callers.by_worker(CompleteTask{lease, {R"({"resource_id":"res_1"})"}}));
    }
  }
  taker.commit();
}

// Some runs, for pages that begin anywhere.
std::vector<std::string> some_run_ids(const Reader& reader) {
  std::vector<std::string> ids;
  RunFilter filter;
  filter.limit = 500;
  for (std::optional<std::string> cursor = "run_~"; cursor;) {
    filter.after_run_id = *cursor;
    cursor = reader.runs(filter).next_cursor;
    if (cursor) ids.push_back(*cursor);
  }
  return ids;
}

class Shapes {
 public:
  Shapes(const eventlog::Storage& storage, std::size_t pages)
      : storage_(storage), pages_(pages), cursors_(some_run_ids(Reader(storage, operator_))) {}

  Json measure() {
    Json all;
    using enum RunStatus;
    const auto number = [this](std::size_t below) {
      return text(random_() % below);
    };
    all["rare label, common status"] = shape(operator_, [&](RunFilter& f) {
      want(f, kSucceeded, {{"conversation_id", number(1000)}});
    });
    all["rare label, less common status"] = shape(operator_, [&](RunFilter& f) {
      want(f, kRunning, {{"conversation_id", number(1000)}});
    });
    all["common label, common status"] = shape(operator_, [&](RunFilter& f) {
      want(f, kSucceeded, {{"parity", "odd"}});
    });
    all["two labels"] = shape(operator_, [&](RunFilter& f) {
      f.labels = {{"parity", "odd"}, {"conversation_id", number(1000)}};
    });
    all["common label, rare status"] = shape(operator_, [&](RunFilter& f) {
      want(f, kFailed, {{"parity", "even"}});
    });
    all["status alone"] = shape(operator_, [&](RunFilter& f) { want(f, kSucceeded, {}); });
    all["task and status"] = shape(operator_, [&](RunFilter& f) {
      want(f, kSucceeded, {});
      f.task_type = "image";
    });
    all["no such label"] = shape(operator_, [&](RunFilter& f) {
      want(f, kSucceeded, {{"conversation_id", "none"}});
    });
    all["status and label far apart"] = shape(
        operator_,
        [&](RunFilter& f) {
          want(f, kFailed, {{"era", "new"}});
        },
        false);
    all["two common labels of no run"] = shape(operator_, [&](RunFilter& f) {
      f.labels = {{"parity", "odd"}, {"parity", "even"}};
    });
    const auto of_user = [this](std::size_t i) {
      return Principal{"acme", "user" + text(i % kUsers), {Role::kViewer}, "tok"};
    };
    all["own runs by status"] = shape(of_user(7), [&](RunFilter& f) { want(f, kSucceeded, {}); });
    all["own runs by label of others"] = shape(of_user(7), [&](RunFilter& f) {
      f.labels = {{"conversation_id", "8"}};
    });
    const Principal admin{"default", "root", {Role::kAdmin}, "tok"};
    all["admin, common status"] = shape(admin, [&](RunFilter& f) { want(f, kSucceeded, {}); });
    all["admin, no such label"] = shape(admin, [&](RunFilter& f) {
      f.labels = {{"conversation_id", "none"}};
    });
    return all;
  }

 private:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  static void want(RunFilter& filter, RunStatus status, Labels labels) {
    filter.statuses = {status};
    filter.labels = std::move(labels);
  }

  template <typename SetFilter>
  Json shape(const Principal& who, SetFilter set, bool anywhere = true) {
    constexpr double kSlowMs = 50;
    std::vector<double> milliseconds;
    std::size_t items = 0;
    while (milliseconds.size() < pages_) {
      RunFilter filter;
      set(filter);
      if (anywhere && !cursors_.empty())
        filter.after_run_id = cursors_[random_() % cursors_.size()];
      const auto start = SteadyClock::now();
      items += Reader(storage_, who).runs(filter).items.size();
      milliseconds.push_back(seconds_since(start) * 1000);
      const bool slow = milliseconds.back() > kSlowMs;
      if (slow && milliseconds.size() >= pages_ / 10) break;
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    const std::size_t pages = milliseconds.size();
    return {{"pages", pages},
            {"items", static_cast<double>(items) / static_cast<double>(pages)},
            {"p50_ms", milliseconds[pages / 2]},
            {"p99_ms", milliseconds[pages * 99 / 100]},
            {"max_ms", milliseconds.back()}};
  }

  const eventlog::Storage& storage_;
  std::size_t pages_;
  const Principal operator_{"acme", "olga", {Role::kOperator}, "tok"};
  std::mt19937 random_{1};
  std::vector<std::string> cursors_;
};

// The directory goes when the log is closed.
Json measure(const Settings& settings) {
  if (!settings.keep) fs::remove_all(settings.directory);
  fs::create_directories(settings.directory);
  eventlog::RocksDbStorage storage(settings.directory / "log");
  if (storage.log().head() == 0) fill(storage, settings.runs);
  return Shapes(storage, settings.pages).measure();
}

}  // namespace
}  // namespace runledger::core::bench

int main(int argc, char** argv) {
  using namespace runledger::core::bench;
  const std::string directory =
      argument(argc, argv, "dir", std::filesystem::temp_directory_path() / "runledger-list-bench");
  const Settings settings{number(argc, argv, "runs", 1'000'000), number(argc, argv, "pages", 200),
                          directory, number(argc, argv, "keep", 0) == 1};
  std::cout << measure(settings).dump(2) << "\n";
  if (!settings.keep) std::filesystem::remove_all(settings.directory);
}
