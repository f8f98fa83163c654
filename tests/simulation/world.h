// A machine and everybody who uses it: clients, workers, people, time, and the power supply. A move
// is a number: what it does is drawn from that and from how things stand, so a history is a list of
// numbers, and is still one when some of them are left out. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/core/harness.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/provider.h"

namespace runledger::simulation {

class World {
 public:
  explicit World(std::uint64_t seed);

  void move(std::uint64_t number);
  // Clients go; workers, people and time see to it that all runs end. Then all checks.
  void come_to_rest();

  std::uint64_t commands() const { return commands_; }
  const eventlog::Storage& storage() const { return machine_.storage(); }

 private:
  // A grant as its worker has it, perhaps long after the lease has been lost.
  struct Work {
    core::LeaseRef lease;
    std::size_t calls = 0;  // finished durable calls
    bool stopped = false;
    bool parked = false;
    std::uint32_t remote_calls = 0;  // of the finished ones
    std::string key = {};            // of a job that is to be handed over
    bool unsure = false;             // somebody else was to do it
    std::uint64_t reports = 0;       // numbered ones
  };
  // A report, to be sent again by a worker that did not hear of it.
  struct Sent {
    core::Command command;
    bool recorded = false;
  };

  // --- clients ---
  void submit(Dice& dice);
  void submit_again(Dice& dice);
  void submit_batch(Dice& dice, const core::Principal& who);
  core::SubmitRun submission(Dice& dice, const std::string& tenant);
  void define(Dice& dice);
  void schedule(Dice& dice);
  // --- workers ---
  void ask_for_work(Dice& dice);
  void report(Dice& dice);
  void report_many(Dice& dice);
  void report_again(Dice& dice);
  core::Command next_report(Dice& dice, Work& work, core::CommandBody& said);
  void lose_worker(Dice& dice);
  core::CommandBody random_report(Dice& dice, Work& work);
  core::CommandBody random_end(Dice& dice, const Work& work);
  core::CommandBody next_call(Dice& dice, Work& work);
  static core::CommandBody random_look(Dice& dice, Work& work, const std::string& name);
  core::CommandBody next_of_remote(Dice& dice, Work& work, const std::string& provider);
  core::CommandBody look(Dice& dice, Work& work);
  bool holds(const Work& work) const;
  static void note_remote(Work& work, const core::CommandBody& said, const core::Outcome& outcome);
  void note_grants(const core::Outcome& outcome);
  void note_stops();
  // --- people ---
  void decide(Dice& dice);
  void race(Dice& dice);
  core::Principal person(Dice& dice, const core::RunState& run);
  core::CommandBody random_repetition(Dice& dice, const core::RunState& run);
  core::CommandBody random_decision(Dice& dice, const core::RunState& run);
  core::CommandBody random_answer(Dice& dice, const core::RunState& run,
                                  const core::TaskState& task);
  core::ResolveRemote truth(Dice& dice, const core::RunState& run, const core::TaskState& task);
  const core::RunState* random_run(Dice& dice);
  // --- time and the power supply ---
  void pass_time(Dice& dice);
  void crash(Dice& dice);
  void restart(Dice& dice);
  void give_orphans_back();
  // --- rest ---
  bool rest_once(std::size_t round);
  bool finish_work();
  bool answer_people();
  void drop_schedules();

  core::Command by_user(const core::Principal& who, core::CommandBody body);
  core::Command by_worker(core::CommandBody body);
  core::Command by_system(core::CommandBody body);
  core::Outcome take(core::Command command);
  std::vector<core::Outcome> take_all(std::vector<core::Command> commands);

  core::testing::ManualClock clock_;
  core::testing::CountingRandom random_;
  core::IdSource ids_{clock_, random_};
  core::CommandFactory commands_of_{clock_, ids_};
  Machine machine_;
  Provider provider_;
  std::vector<Work> work_;
  std::vector<Sent> sent_;
  struct Submitted {
    core::Principal by;
    core::SubmitRun submit;
  };
  std::vector<Submitted> submitted_;            // with an idempotency key
  std::map<std::string, std::size_t> resumed_;  // on the way to rest
  std::uint64_t commands_ = 0;
};

}  // namespace runledger::simulation
