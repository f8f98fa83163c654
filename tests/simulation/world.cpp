#include "tests/simulation/world.h"

#include <algorithm>

#include "tests/simulation/violation.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

constexpr std::int64_t kUsPerMs = 1000;
constexpr std::size_t kRestRoundsMax = 3000;
constexpr std::size_t kResumesMax = 2;

MachineSettings settings_of(Dice dice) {
  MachineSettings settings;
  constexpr std::array<std::size_t, 4> kInMemory{0, 1, 5, 1000};
  settings.runs_in_memory_max = dice.pick(kInMemory);
  constexpr std::array<std::uint64_t, 4> kOverdueMs{0, 60'000, 600'000, 86'400'000};
  settings.policy.overdue_after_ms = dice.pick(kOverdueMs);
  if (dice.one_in(3)) {
    settings.policy.tenant_running_max = static_cast<std::uint32_t>(1 + dice.below(3));
  }
  if (dice.one_in(3)) {
    settings.policy.type_running_max["image"] = static_cast<std::uint32_t>(1 + dice.below(2));
  }
  return settings;
}

}  // namespace

World::World(std::uint64_t seed) : machine_(settings_of(Dice(seed))) {}

void World::move(std::uint64_t number) {
  Dice dice(number);
  const std::size_t kind = dice.below(100);
  if (kind < 12) return submit(dice);
  if (kind < 14) return submit_again(dice);
  if (kind < 17) return define(dice);
  if (kind < 18) return schedule(dice);
  if (kind < 35) return ask_for_work(dice);
  if (kind < 58) return report(dice);
  if (kind < 63) return report_many(dice);
  if (kind < 65) return lose_worker(dice);
  if (kind < 76) return decide(dice);
  if (kind < 80) return race(dice);
  if (kind < 95) return pass_time(dice);
  if (kind < 97) return crash(dice);
  restart(dice);
}

Command World::by_user(const Principal& who, CommandBody body) {
  return commands_of_.from_user(who, std::move(body));
}
Command World::by_worker(CommandBody body) {
  return commands_of_.from_worker("w1", std::move(body));
}
Command World::by_system(CommandBody body) {
  return commands_of_.from_system(std::move(body));
}

Outcome World::take(Command command) {
  std::vector<Command> one;
  one.push_back(std::move(command));
  return std::move(take_all(std::move(one)).front());
}

std::vector<Outcome> World::take_all(std::vector<Command> commands) {
  commands_ += commands.size();
  auto outcomes = machine_.take(std::move(commands));
  note_stops();
  return outcomes;
}

// --- time and the power supply ---

void World::pass_time(Dice& dice) {
  const std::int64_t due_us = next_due_us(machine_.state());
  constexpr std::array<std::int64_t, 5> kStepsMs{0, 1, 100, 5'000, 120'000};
  std::int64_t by_us = dice.pick(kStepsMs) * kUsPerMs;
  if (due_us != 0 && dice.one_in(2)) by_us = std::max<std::int64_t>(due_us - clock_.now_us(), 0);
  clock_.advance_us(by_us);
  if (due_us == 0 || due_us > clock_.now_us()) return;
  const auto head = machine_.storage().log().head();
  take(by_system(PassTime{}));
  require(machine_.storage().log().head() > head, "something was due, and nothing has happened");
}

void World::crash(Dice& dice) {
  std::vector<Command> lost;
  const Principal who{"acme", "alice", {Role::kSubmitter}, "tok"};
  lost.push_back(by_user(who, submission(dice, who.tenant)));
  GrantLeases ask = offer_of_all_types();
  ask.lease_ids = {ids_.make("lease"), ids_.make("lease")};
  lost.push_back(by_worker(std::move(ask)));
  if (!work_.empty()) {
    Work work = dice.pick(work_);
    lost.push_back(by_worker(random_report(dice, work)));
  }
  if (const RunState* run = random_run(dice)) {
    lost.push_back(by_user(person(dice, *run), random_decision(dice, *run)));
  }
  lost.push_back(by_system(PassTime{}));
  commands_ += lost.size();
  machine_.take_and_crash(lost);
  give_orphans_back();
}

void World::restart(Dice& dice) {
  if (dice.one_in(20)) machine_.check_all();
  machine_.restart();
  give_orphans_back();
}

// Local workers have ended with the server; remote ones may come back.
void World::give_orphans_back() {
  std::vector<Command> commands;
  for (const auto& [task_id, held] : machine_.watcher().held()) {
    if (held.remote) continue;
    commands.push_back(
        by_system(LoseLease{held.run_id, held.task_id, held.lease_id, "server_restarted", false}));
  }
  if (!commands.empty()) take_all(std::move(commands));
}

// --- rest ---

void World::come_to_rest() {
  drop_schedules();
  for (std::size_t round = 0; !machine_.watcher().active().empty(); ++round) {
    const std::string& first = *machine_.watcher().active().begin();
    require(round < kRestRoundsMax, "run " + first + " never ends");
    if (rest_once(round)) continue;
    const std::int64_t due_us = next_due_us(machine_.state());
    require(due_us != 0, "run " + first + " waits for nothing");
    clock_.advance_us(std::max<std::int64_t>(due_us - clock_.now_us(), 0));
  }
  require(machine_.state().index.due.empty(), "something is due when all runs have ended");
  require(machine_.state().index.ready.empty(), "something is ready when all runs have ended");
  require(machine_.state().index.keys.empty(), "a key is held when all runs have ended");
  machine_.check_all();
}

bool World::rest_once(std::size_t round) {
  const std::int64_t due_us = next_due_us(machine_.state());
  const bool is_due = due_us != 0 && due_us <= clock_.now_us();
  if (is_due) take(by_system(PassTime{}));
  Dice dice(round);
  const bool worked = finish_work();
  ask_for_work(dice);
  const bool answered = answer_people();
  return is_due || worked || answered || !machine_.watcher().held().empty() ||
         !machine_.state().index.ready.empty();
}

bool World::finish_work() {
  std::vector<Command> commands;
  for (const auto& [task_id, held] : machine_.watcher().held()) {
    const LeaseRef lease{held.run_id, held.task_id, held.lease_id};
    const RunState* run = machine_.look(held.run_id);
    if (run->cancel_requested) {
      commands.push_back(by_worker(AcknowledgeCancel{lease}));
    } else {
      commands.push_back(by_worker(CompleteTask{lease, {R"({"n":1,"list":[1]})"}}));
    }
  }
  if (commands.empty()) return false;
  take_all(std::move(commands));
  return true;
}

bool World::answer_people() {
  bool answered = false;
  const std::set<std::string> active = machine_.watcher().active();
  for (const std::string& run_id : active) {
    if (!machine_.watcher().active().contains(run_id)) continue;
    const RunState run = *machine_.look(run_id);
    if (run.cancel_requested) continue;
    const Principal admin{run.tenant, "root", {Role::kAdmin}, "tok"};
    std::vector<Command> commands;
    if (run.pause) {
      // Some failures come again however often the run is resumed.
      const bool hopeless = run.depth > 0 || ++resumed_[run_id] > kResumesMax;
      commands.push_back(hopeless ? by_user(admin, CancelRun{run_id, {}})
                                  : by_user(admin, ResumeRun{run_id, run.version}));
    }
    Dice dice(commands_);
    for (const TaskState& task : run.tasks) {
      if (task.waits_for_resolve()) commands.push_back(by_user(admin, truth(dice, run, task)));
      if (!task.question || run.pause) continue;
      const std::string& sha = task.question->content_sha256;
      commands.push_back(
          task.status == TaskStatus::kReviewing
              ? by_user(admin, AnswerReview{run_id, task.task_id, true, sha, {}, "", {}})
              : by_user(admin, AnswerApproval{run_id, task.task_id, true, sha, "", {}}));
    }
    if (commands.empty()) continue;
    answered = true;
    take_all(std::move(commands));
  }
  return answered;
}

void World::drop_schedules() {
  const Principal admin{"acme", "root", {Role::kAdmin}, "tok"};
  std::vector<std::string> ids;
  for (const auto& [id, schedule] : machine_.state().schedules) ids.push_back(id);
  for (const std::string& id : ids) take(by_user(admin, DeleteSchedule{id}));
}

}  // namespace runledger::simulation
