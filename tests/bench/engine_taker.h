// The engine without its threads, and those who use it: for measuring. Not for several threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/engine/command_factory.h"
#include "core/engine/transition.h"
#include "core/views/projection.h"
#include "eventlog/event_log.h"
#include "eventlog/row_store.h"

namespace runledger::core::bench {

inline constexpr std::size_t kCommandsPerCommit = 512;  // as the sequencer's groups under load

using SteadyClock = std::chrono::steady_clock;
double seconds_since(SteadyClock::time_point start);

// What follows --name on a command line.
std::string argument(int argc, char** argv, std::string_view name, std::string otherwise);
std::size_t number(int argc, char** argv, std::string_view name, std::size_t otherwise);

// The sequencer's work without its thread: takes commands in groups and hands out each group.
class Taker {
 public:
  using Commit = std::function<void(std::span<const eventlog::StreamAppend>,
                                    std::span<const eventlog::RowChange>)>;
  using Load = std::function<void(State&, const std::string&)>;

  Taker(std::size_t runs_in_memory_max, Load load, Commit commit);

  Outcome take(const Command& command);
  void commit();
  State& state() { return state_; }
  std::uint64_t commands() const { return commands_; }
  std::uint64_t events() const { return next_offset_; }

 private:
  void note(const Event& event, std::string payload);
  void evict();

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

// Makes the commands of runs of one task, with a clock that goes on with every look at it.
class Callers {
 public:
  using Labels = std::map<std::string, std::string>;

  Command submit(const std::shared_ptr<const RunPlan>& plan, Labels labels = {},
                 const std::string& user = "alice");
  Command ask(std::size_t slots);
  Command by_worker(CommandBody body) { return commands_.from_worker("w1", std::move(body)); }
  std::int64_t now_us() const { return clock_.now_us(); }

 private:
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

  StandingClock clock_;
  Counter random_;
  IdSource ids_{clock_, random_};
  CommandFactory commands_{clock_, ids_};
};

std::shared_ptr<const RunPlan> plan_of_one_task();
LeaseRef lease_in(const Outcome& granted);  // of its only grant

}  // namespace runledger::core::bench
