#include "eventlog/bench/polls.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>

#include "eventlog/bench/workload.h"

namespace runledger::eventlog::bench {
namespace {

constexpr std::size_t kPollEvents = 30;
constexpr std::uint64_t kPolls = 5'000;
constexpr StreamIndex kPolledFrom = 15;  // of a run
constexpr std::uint64_t kSeed = 7;

// A random whole number in [from, to).
class Draw {
 public:
  Draw(std::uint64_t from, std::uint64_t to) : from_(from), to_(std::max(from + 1, to)) {}
  std::uint64_t operator()() { return from_ + random_() % (to_ - from_); }

 private:
  std::uint64_t from_;
  std::uint64_t to_;
  std::mt19937_64 random_{kSeed};
};

// Copies payloads, as an answer does, and stops after kPollEvents.
class Answer {
 public:
  RecordVisitor visitor() {
    bytes_.clear();
    left_ = kPollEvents;
    return [this](const RecordView& record) {
      bytes_ += record.payload;
      return --left_ > 0;
    };
  }
  void require_whole() const {
    if (left_ != 0) throw std::logic_error("A poll of the bench found fewer events than expected");
  }

 private:
  std::string bytes_;
  std::size_t left_ = 0;
};

// Where an event of a run lies in the log of a Workload.
Offset offset_of(std::size_t run, StreamIndex idx) {
  const std::size_t generation = run / kRunsAtATime;
  return (generation * kEventsPerRun + idx) * kRunsAtATime + run % kRunsAtATime;
}

}  // namespace

PollFigures Polls::of_feed(std::string_view what, const std::function<Offset()>& from) const {
  std::vector<double> log_us, floor_us;
  Answer answer;
  std::string bytes;
  for (std::uint64_t i = 0; i < kPolls; ++i) {
    settings_.on_progress(what, i, kPolls);
    const Offset offset = from();
    const auto visitor = answer.visitor();
    const auto start = Clock::now();
    log_.read(offset, visitor);
    log_us.push_back(us_since(start));
    answer.require_whole();
    bytes.clear();
    const auto floor_start = Clock::now();
    flat_.read(offset, kPollEvents, bytes);
    floor_us.push_back(us_since(floor_start));
  }
  return {latency_of(std::move(log_us)), latency_of(std::move(floor_us))};
}

PollFigures Polls::of_runs(std::string_view what, const std::function<std::size_t()>& run) const {
  std::vector<double> log_us, floor_us;
  Answer answer;
  std::string bytes;
  for (std::uint64_t i = 0; i < kPolls; ++i) {
    settings_.on_progress(what, i, kPolls);
    const std::size_t which = run();
    const std::string stream = Workload::run_name(which);
    const auto visitor = answer.visitor();
    const auto start = Clock::now();
    log_.read_stream(stream, kPolledFrom, visitor);
    log_us.push_back(us_since(start));
    answer.require_whole();
    bytes.clear();
    const auto floor_start = Clock::now();
    for (std::size_t k = 0; k < kPollEvents; ++k) {
      flat_.read(offset_of(which, kPolledFrom + k), 1, bytes);
    }
    floor_us.push_back(us_since(floor_start));
  }
  return {latency_of(std::move(log_us)), latency_of(std::move(floor_us))};
}

PollFigures Polls::feed() const {
  const Offset head = log_.head();
  return of_feed("polling the feed", Draw(head / 4, head / 4 * 3 - kPollEvents));
}

PollFigures Polls::tail() const {
  const Offset from = log_.head() - kPollEvents;
  return of_feed("polling the end", [from] { return from; });
}

PollFigures Polls::run_random() const {
  const std::size_t whole_runs = log_.head() / (kEventsPerRun * kRunsAtATime) * kRunsAtATime;
  return of_runs("polling runs at random", Draw(whole_runs / 4, whole_runs / 4 * 3));
}

PollFigures Polls::run_repeated() const {
  const std::size_t whole_runs = log_.head() / (kEventsPerRun * kRunsAtATime) * kRunsAtATime;
  return of_runs("polling one run", [whole_runs] { return whole_runs / 2; });
}

PollFigures Polls::run_live() const {
  const std::size_t whole_runs = log_.head() / (kEventsPerRun * kRunsAtATime) * kRunsAtATime;
  return of_runs("polling live runs", Draw(whole_runs - kRunsAtATime, whole_runs));
}

}  // namespace runledger::eventlog::bench
