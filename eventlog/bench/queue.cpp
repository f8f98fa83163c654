#include <array>
#include <string>

#include "eventlog/bench/callers.h"
#include "eventlog/bench/parts.h"
#include "eventlog/bench/writers.h"

namespace runledger::eventlog::bench {
namespace {

// As core's sequencer has them.
constexpr std::size_t kQueueCommandsMax = 8192;
constexpr std::size_t kGroupCommandsMax = 512;
constexpr std::size_t kTurns = 20;  // of each writer

// One writer with its own callers, who go on with their runs in each turn.
class Contestant {
 public:
  Contestant(std::unique_ptr<Writer> writer, std::size_t clients) : writer_(std::move(writer)) {
    for (std::size_t i = 0; i < clients; ++i) {
      constexpr std::size_t kRunsOfACaller = 1'000'000;
      callers_.push_back({i % caller_threads(clients), Workload(1, i * kRunsOfACaller), {}});
    }
  }

  // At least that many commits, until the last caller has its answer.
  void take_turn(std::size_t commits_wanted) {
    CommandQueue queue(kQueueCommandsMax);
    const auto start = Clock::now();
    CallerThreads threads(callers_, queue);
    std::size_t asking = callers_.size();
    std::size_t commands = 0;
    for (std::size_t commits = 1; asking > 0; ++commits) {
      auto waiting = queue.drain(kGroupCommandsMax);
      writer_->write(group_of(waiting));
      const bool ask_again = commits < commits_wanted;
      for (const WaitingCommand& command : waiting) threads.answer(*command.caller, ask_again);
      if (!ask_again) asking -= waiting.size();
      commands += waiting.size();
      ++commits_;
    }
    const std::vector<double> waited = threads.join();
    took_us_.push_back(us_since(start) / static_cast<double>(commands));
    commands_ += commands;
    waited_us_.insert(waited_us_.end(), waited.begin(), waited.end());
  }

  // The median of the turns: one stall of the disk is in one turn of one of the writers.
  Rate rate() const { return {1e6 / latency_of(took_us_).p50_us, latency_of(waited_us_)}; }
  double commands_in_a_commit() const {
    return static_cast<double>(commands_) / static_cast<double>(commits_);
  }

 private:
  const Group& group_of(std::vector<WaitingCommand>& waiting) {
    group_.clear();
    for (WaitingCommand& one : waiting) {
      std::move(one.command.items.begin(), one.command.items.end(),
                std::back_inserter(group_.items));
      std::move(one.command.rows.begin(), one.command.rows.end(), std::back_inserter(group_.rows));
    }
    group_.sort_rows();
    return group_;
  }

  std::unique_ptr<Writer> writer_;
  std::vector<Caller> callers_;
  Group group_;
  std::size_t commands_ = 0;
  std::size_t commits_ = 0;
  std::vector<double> took_us_;  // a command of each turn
  std::vector<double> waited_us_;
};

}  // namespace

QueueFigures measure_queue(const Settings& settings, std::size_t clients) {
  const std::filesystem::path directory = settings.directory / "queue";
  std::filesystem::create_directory(directory);
  QueueFigures figures;
  figures.clients = clients;
  {
    std::array<Contestant, 2> contestants = {
        Contestant(bare_rocksdb_writer(directory / "bare"), clients),
        Contestant(log_writer(directory / "log"), clients)};
    const std::string what = "queue, " + std::to_string(clients) + " clients";
    for (std::size_t turn = 0; turn < 2 * kTurns; ++turn) {
      settings.on_progress(what, turn, 2 * kTurns);
      contestants[(turn + 1) / 2 % 2].take_turn(settings.groups / kTurns + 1);  // A B B A …
    }
    figures.bare_rocksdb = contestants[0].rate();
    figures.log = contestants[1].rate();
    figures.bare_rocksdb_group = contestants[0].commands_in_a_commit();
    figures.log_group = contestants[1].commands_in_a_commit();
  }
  std::filesystem::remove_all(directory);
  return figures;
}

}  // namespace runledger::eventlog::bench
