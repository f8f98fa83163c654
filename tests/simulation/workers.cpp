// The part of the world about workers: some are slow, some fail, some report what they should not.
#include <algorithm>

#include "tests/simulation/random_workflow.h"
#include "tests/simulation/violation.h"
#include "tests/simulation/world.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

constexpr std::size_t kRememberedMax = 60;  // grants, those that have long ended included
constexpr std::size_t kSlotsMax = 8;

Error random_error(Dice& dice) {
  constexpr std::array<const char*, 3> kCodes{"bad_weather", "no_font", "out_of_memory"};
  return {dice.pick(kCodes), "It failed", !dice.one_in(3)};
}

}  // namespace

void World::ask_for_work(Dice& dice) {
  GrantLeases ask = offer_of_all_types();
  ask.remote = dice.one_in(3);
  const bool all_types = !dice.one_in(4);
  if (!all_types) ask.types.resize(1);
  const bool limited = dice.one_in(4);
  if (limited) ask.types[0].tasks_max = static_cast<std::uint32_t>(dice.below(3));
  const GrantLeases::TypeOffer first = ask.types[0];
  for (std::size_t slots = 1 + dice.below(kSlotsMax); slots > 0; --slots) {
    ask.lease_ids.push_back(ids_.make("lease"));
  }
  const std::size_t asked = ask.lease_ids.size();
  const Outcome outcome = take(by_worker(std::move(ask)));
  note_grants(outcome);
  const auto& granted = std::get<LeasesGranted>(std::get<CommandReply>(outcome));
  const auto of_first =
      std::count_if(granted.grants.begin(), granted.grants.end(),
                    [&](const auto& each) { return each.task_type == first.name; });
  require(!limited || static_cast<std::uint32_t>(of_first) <= first.tasks_max,
          "a worker has got more of " + first.name + " than it takes");
  if (all_types && !limited && granted.grants.size() < asked) machine_.workers_sleep();
}

void World::note_grants(const Outcome& outcome) {
  for (const auto& grant : std::get<LeasesGranted>(std::get<CommandReply>(outcome)).grants) {
    machine_.journal().check(grant);
    Work& work = work_.emplace_back();
    work.lease = core::testing::lease_of(grant);
    work.calls = grant.memos.size();
    for (const Memo& memo : grant.memos) {
      if (memo.kind == MemoKind::kRemote) ++work.remote_calls;
    }
    work.unsure = grant.remote.has_value();
    if (grant.remote) work.key = grant.remote->idempotency_key;
  }
  if (work_.size() > kRememberedMax) {
    work_.erase(work_.begin(), work_.end() - static_cast<std::ptrdiff_t>(kRememberedMax));
  }
}

void World::note_stops() {
  for (const StopTask& stop : machine_.take_stops()) {
    for (Work& work : work_) {
      if (work.lease.lease_id == stop.lease_id) work.stopped = true;
    }
  }
}

CommandBody World::random_end(Dice& dice, const Work& work) {
  const LeaseRef& lease = work.lease;
  switch (dice.below(6)) {
    case 0:
    case 1:
      return FailTask{lease, random_error(dice), dice.one_in(4) ? 3000u : 0u};
    default:
      return CompleteTask{lease, {random_output(dice)}};
  }
}

// What the executor's script says next. Should the report be refused, the lease is over, and
// nobody cares any more how far this worker was.
CommandBody World::next_call(Dice& dice, Work& work) {
  const LeaseRef& lease = work.lease;
  const DurableCall call = durable_call(lease.task_id, work.calls);
  switch (call.kind) {
    case MemoKind::kStep:
      ++work.calls;
      return CompleteStep{lease, MemoKind::kStep, call.name, {random_output(dice)}, false};
    case MemoKind::kSleep:
      return Sleep{lease, call.name, dice.below(30'000)};
    case MemoKind::kReview:
      return RequestReview{lease, call.name, {random_output(dice)}, {"[]"}, {}};
    case MemoKind::kRemote:
      return next_of_remote(dice, work, call.name);
    case MemoKind::kPoll:
      break;
  }
  return random_look(dice, work, call.name);
}

CommandBody World::random_look(Dice& dice, Work& work, const std::string& name) {
  if (dice.one_in(2)) {
    ++work.calls;
    const bool release = work.parked || dice.one_in(3);
    return CompleteStep{work.lease, MemoKind::kPoll, name, {random_output(dice)}, release};
  }
  work.parked = !dice.one_in(4);
  return WaitForPoll{work.lease, name, dice.below(5'000), dice.below(3) * 40'000, work.parked};
}

CommandBody World::random_report(Dice& dice, Work& work) {
  const LeaseRef& lease = work.lease;
  if (work.stopped && dice.one_in(2)) return AcknowledgeCancel{lease};
  switch (dice.below(16)) {
    case 0:
    case 1:
      return RecordProgress{lease, static_cast<double>(dice.below(120)), "on its way"};
    case 2:
      return RecordEmitted{lease, "text.delta", {R"({"delta":"a"})"}};
    case 3:
      return RecordLog{lease, "info", "hello"};
    case 4:
      return StoreResource{lease,
                           ids_.make("res"),
                           "a.png",
                           "image/png",
                           std::string(64, static_cast<char>('a' + dice.below(3))),
                           10};
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
      return next_call(dice, work);
    case 10:
      if (dice.one_in(2)) return MissHeartbeat{lease};
      if (dice.one_in(2)) return ReturnLease{lease};
      return AcknowledgeCancel{lease};
    default:
      return random_end(dice, work);
  }
}

Command World::next_report(Dice& dice, Work& work, CommandBody& said) {
  CommandBody body = random_report(dice, work);
  said = body;
  const bool is_report =
      !std::holds_alternative<MissHeartbeat>(body) && !std::holds_alternative<ReturnLease>(body);
  const std::uint64_t number = is_report ? ++work.reports : 0;
  return commands_of_.reported("w1", work.lease.lease_id, number, std::move(body));
}

// Its acknowledgement was lost: what is in the log must not come into it again.
void World::report_again(Dice& dice) {
  if (sent_.empty()) return;
  Sent sent = dice.pick(sent_);
  sent.command.time_us = clock_.now_us();
  const auto before = machine_.storage().log().head();
  const Outcome outcome = take(std::move(sent.command));
  require(!sent.recorded || machine_.storage().log().head() == before,
          "a report that was sent twice is recorded twice");
}

void World::report(Dice& dice) {
  if (work_.empty()) return ask_for_work(dice);
  if (dice.one_in(6)) return report_again(dice);
  // Mostly the latest: they are the ones that still hold.
  const std::size_t back =
      dice.below(dice.one_in(4) ? work_.size() : std::min<std::size_t>(work_.size(), 6));
  Work& work = work_[work_.size() - 1 - back];
  CommandBody said;
  Sent sent{next_report(dice, work, said), false};
  const auto before = machine_.storage().log().head();
  note_remote(work, said, take(sent.command));
  sent.recorded = report_of(sent.command.command_id) && machine_.storage().log().head() > before;
  sent_.push_back(std::move(sent));
  if (sent_.size() > kRememberedMax) sent_.erase(sent_.begin());
}

// In one commit, the same lease more than once among them.
void World::report_many(Dice& dice) {
  if (work_.empty()) return ask_for_work(dice);
  std::vector<Command> commands;
  std::vector<Work*> by;
  std::vector<CommandBody> said;
  for (std::size_t i = 2 + dice.below(5); i > 0; --i) {
    by.push_back(&work_[dice.below(work_.size())]);
    commands.push_back(next_report(dice, *by.back(), said.emplace_back()));
  }
  const auto outcomes = take_all(std::move(commands));
  for (std::size_t i = 0; i < outcomes.size(); ++i) note_remote(*by[i], said[i], outcomes[i]);
}

void World::lose_worker(Dice& dice) {
  std::vector<Command> commands;
  const bool charged = dice.one_in(2);
  for (const auto& [task_id, held] : machine_.watcher().held()) {
    if (dice.one_in(3)) continue;
    commands.push_back(by_system(
        LoseLease{held.run_id, held.task_id, held.lease_id, std::string(kWorkerLost), charged}));
  }
  if (!commands.empty()) take_all(std::move(commands));
}

}  // namespace runledger::simulation
