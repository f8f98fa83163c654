// The part of the world about people: they decide on what they saw, which may be old, and several
// at once.
#include "tests/simulation/random_workflow.h"
#include "tests/simulation/violation.h"
#include "tests/simulation/world.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

template <typename Decision>
void set_version(Decision& decision, const std::optional<std::uint64_t>& version) {
  if constexpr (requires { decision.expected_version; }) decision.expected_version = version;
}

// To that run: one that repeats it changes nothing of it.
bool happened(const Outcome& outcome, const std::string& run_id) {
  const auto* reply = std::get_if<CommandReply>(&outcome);
  if (reply == nullptr) return false;
  const auto& accepted = std::get<RunAccepted>(*reply);
  return !accepted.replayed && accepted.run_id == run_id;
}

}  // namespace

const RunState* World::random_run(Dice& dice) {
  const auto& runs = machine_.watcher().runs();
  const auto& active = machine_.watcher().active();
  if (runs.empty()) return nullptr;
  return machine_.look(active.empty() || dice.one_in(10) ? dice.pick(runs) : dice.pick(active));
}

Principal World::person(Dice& dice, const RunState& run) {
  switch (dice.below(6)) {
    case 0:
      return {run.tenant, "rita", {Role::kReviewer}, "tok"};
    case 1:
      return {run.tenant, "olga", {Role::kOperator, Role::kReviewer}, "tok"};
    case 2:
      return {"", "root", {Role::kAdmin}, "tok"};
    case 3:
      return {"beta", "alice", {Role::kSubmitter, Role::kReviewer}, "tok"};
    default:
      return {run.tenant, run.owner, {Role::kSubmitter, Role::kReviewer}, "tok"};
  }
}

CommandBody World::random_answer(Dice& dice, const RunState& run, const TaskState& task) {
  const std::string sha =
      dice.one_in(5) || !task.question ? "wrong" : task.question->content_sha256;
  if (task.status != TaskStatus::kReviewing) {
    return AnswerApproval{run.run_id, task.task_id, !dice.one_in(3), sha, "so be it", {}};
  }
  AnswerReview answer{run.run_id, task.task_id, dice.one_in(2), sha, {}, "another tone", {}};
  if (answer.approved && dice.one_in(2)) answer.corrected = JsonText{random_output(dice)};
  return answer;
}

CommandBody World::random_decision(Dice& dice, const RunState& run) {
  if (dice.one_in(2)) {
    for (const TaskState& task : run.tasks) {
      if (task.waits_for_resolve()) return truth(dice, run, task);
      if (task.question) return random_answer(dice, run, task);
    }
  }
  if (run.ended() && dice.one_in(2)) return random_repetition(dice, run);
  switch (dice.below(run.pause ? 12 : 7)) {
    case 0:
      return CancelRun{run.run_id, {}};
    case 1:
    case 2:
      return PauseRun{run.run_id, {}};
    case 3:
      if (dice.one_in(4)) return truth(dice, run, dice.pick(run.tasks));
      return random_answer(dice, run, dice.pick(run.tasks));
    case 4:
    case 5:
    case 6:
      return RetryRun{
          run.run_id, run.plan->spec.steps[dice.below(run.plan->spec.steps.size())].id, {}};
    default:
      return ResumeRun{run.run_id, {}};
  }
}

CommandBody World::random_repetition(Dice& dice, const RunState& run) {
  RetryRun retry{run.run_id, "", {}};
  if (dice.one_in(3)) {
    retry.input = JsonText{random_input(dice)};
  } else if (!dice.one_in(3)) {
    retry.from_step = dice.pick(run.plan->spec.steps).id;
  }
  if (dice.one_in(3)) {
    retry.idempotency_key = "again-" + run.run_id;
    retry.request_sha256 = retry.from_step;
  }
  return retry;
}

void World::decide(Dice& dice) {
  const RunState* found = random_run(dice);
  if (found == nullptr) return submit(dice);
  const RunState& run = *found;
  CommandBody body = random_decision(dice, run);
  std::optional<std::uint64_t> version;
  if (dice.one_in(2)) version = run.version - (dice.one_in(4) ? 1 : 0);
  std::visit([&](auto& decision) { set_version(decision, version); }, body);
  take(by_user(person(dice, run), std::move(body)));
}

// All have seen the same version: one wins, the others learn who, what and where.
void World::race(Dice& dice) {
  const RunState* found = random_run(dice);
  if (found == nullptr) return submit(dice);
  const RunState run = *found;
  std::vector<Command> commands;
  for (std::size_t callers = 2 + dice.below(4); callers > 0; --callers) {
    CommandBody body = random_decision(dice, run);
    std::visit([&](auto& decision) { set_version(decision, run.version); }, body);
    commands.push_back(by_user(person(dice, run), std::move(body)));
  }
  std::vector<std::string> actors;
  for (const Command& command : commands) actors.push_back(command.actor);
  const auto outcomes = take_all(std::move(commands));
  std::optional<std::size_t> won;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (happened(outcomes[i], run.run_id)) {
      require(!won, "two callers have decided on one version of " + run.run_id);
      won = i;
      continue;
    }
    const auto* refused = std::get_if<Rejection>(&outcomes[i]);
    if (!won || refused == nullptr || refused->code != RejectionCode::kConflict) continue;
    const auto& reply = std::get<RunAccepted>(std::get<CommandReply>(outcomes[*won]));
    require(refused->winner.has_value(), "nobody has told a loser who won: " + refused->reason);
    require(refused->winner->by == actors[*won] && refused->winner->offset >= reply.offset,
            "a loser was told of another winner than " + actors[*won] + " at offset " +
                std::to_string(reply.offset) + ": " + refused->winner->by + " at " +
                std::to_string(refused->winner->offset));
  }
}

}  // namespace runledger::simulation
