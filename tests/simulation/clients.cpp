// The part of the world about clients.
#include <utility>

#include "core/schedule/cron.h"
#include "tests/simulation/random_workflow.h"
#include "tests/simulation/violation.h"
#include "tests/simulation/world.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

constexpr std::array<const char*, 2> kTenants{"acme", "beta"};
constexpr std::array<const char*, 2> kUsers{"alice", "bob"};

Principal submitter(Dice& dice) {
  return {dice.pick(kTenants), dice.pick(kUsers), {Role::kViewer, Role::kSubmitter}, "tok"};
}

WorkflowSpec parsed(const std::string& text) {
  auto result = parse_spec(text);
  if (const auto* errors = std::get_if<std::vector<SpecError>>(&result)) {
    throw Violation("a random spec is wrong at " + errors->front().pointer + ": " +
                    errors->front().message + ": " + text);
  }
  return std::get<WorkflowSpec>(std::move(result));
}

std::optional<Concurrency> random_key(Dice& dice) {
  if (!dice.one_in(3)) return std::nullopt;
  constexpr std::array<OnConflict, 5> kKinds{OnConflict::kQueue, OnConflict::kQueue,
                                             OnConflict::kQueue, OnConflict::kReject,
                                             OnConflict::kReplace};
  constexpr std::array<const char*, 2> kKeys{"clip", "page"};
  return Concurrency{dice.pick(kKeys), static_cast<std::uint32_t>(1 + dice.below(2)),
                     dice.pick(kKinds)};
}

}  // namespace

SubmitRun World::submission(Dice& dice, const std::string& tenant) {
  SubmitRun submit;
  submit.run_id = ids_.make("run");
  RunPlan plan{{}, {random_input(dice)}, {R"({"workspace":"ws-1"})"}};
  const std::string name = "w" + std::to_string(dice.below(kWorkflows));
  const auto workflow = machine_.state().workflows.find(workflow_id(tenant, name));
  if (dice.one_in(2) && workflow != machine_.state().workflows.end()) {
    submit.workflow = name;
    submit.workflow_version = workflow->second.version;
    plan.spec = *workflow->second.spec;
  } else if (dice.one_in(3)) {
    plan.spec = single_task_spec(dice.pick(kTaskTypes), {R"({"n":1})"});
  } else {
    plan.spec = parsed(random_spec(dice, kWorkflows));
  }
  for (const StepSpec& step : plan.spec.steps) submit.tasks.push_back({step.id, ids_.make("task")});
  submit.plan = std::make_shared<const RunPlan>(std::move(plan));
  if (dice.one_in(2)) submit.labels = {{"conversation", std::to_string(dice.below(3))}};
  if (dice.one_in(4)) submit.priority = static_cast<std::int32_t>(dice.below(7)) - 3;
  submit.concurrency = random_key(dice);
  if (dice.one_in(6)) {
    submit.start_at_us = clock_.now_us() + static_cast<std::int64_t>(dice.below(100'000'000));
  }
  return submit;
}

// All of them, or none.
void World::submit_batch(Dice& dice, const Principal& who) {
  SubmitRuns batch;
  const std::string key = dice.one_in(2) ? ids_.make("key") : "";
  for (std::size_t left = 1 + dice.below(4); left > 0; --left) {
    SubmitRun submit = submission(dice, who.tenant);
    submit.idempotency_key = batch_key(key, batch.runs.size());
    submit.request_sha256 = "sha";
    batch.runs.push_back(std::move(submit));
  }
  const std::size_t runs = machine_.watcher().runs().size();
  const Outcome first = take(by_user(who, batch));
  const auto* reply = std::get_if<CommandReply>(&first);
  require(machine_.watcher().runs().size() >= runs + (reply == nullptr ? 0 : batch.runs.size()),
          "not all of a batch have become runs");
  if (reply == nullptr || key.empty()) return;
  const Outcome again = take(by_user(who, std::move(batch)));
  const auto& replayed = std::get<RunsAccepted>(std::get<CommandReply>(again));
  require(replayed.replayed && replayed.run_ids == std::get<RunsAccepted>(*reply).run_ids,
          "the same batch has made other runs");
}

void World::submit(Dice& dice) {
  const Principal who = submitter(dice);
  if (dice.one_in(6)) return submit_batch(dice, who);
  SubmitRun submit = submission(dice, who.tenant);
  if (!dice.one_in(5)) {
    take(by_user(who, std::move(submit)));
    return;
  }
  submit.idempotency_key = "key-" + submit.run_id;
  submit.request_sha256 = "sha-" + submit.run_id;
  const Outcome outcome = take(by_user(who, submit));
  if (std::holds_alternative<CommandReply>(outcome)) submitted_.push_back({who, std::move(submit)});
}

void World::submit_again(Dice& dice) {
  if (submitted_.empty()) return submit(dice);
  Submitted again = dice.pick(submitted_);
  const std::string run_id = std::exchange(again.submit.run_id, ids_.make("run"));
  const bool same = dice.one_in(2);
  if (!same) again.submit.request_sha256 = "another";
  const Outcome outcome = take(by_user(again.by, std::move(again.submit)));
  if (const auto* rejection = std::get_if<Rejection>(&outcome)) {
    require(!same && rejection->code == RejectionCode::kIdempotencyMismatch,
            "a repeated submission was refused: " + rejection->reason);
    return;
  }
  const auto& accepted = std::get<RunAccepted>(std::get<CommandReply>(outcome));
  require(same && accepted.replayed && accepted.run_id == run_id,
          "an idempotency key has made two runs");
}

void World::define(Dice& dice) {
  const Principal who = submitter(dice);
  const std::size_t number = dice.below(kWorkflows);
  const std::string name = "w" + std::to_string(number);
  if (dice.one_in(8)) {
    take(by_user(who, ArchiveWorkflow{name}));
    return;
  }
  const std::string spec = random_spec(dice, number);
  take(by_user(who, DefineWorkflow{name, "", {to_json(parsed(spec))}}));
}

void World::schedule(Dice& dice) {
  const Principal who = submitter(dice);
  ScheduleDefined schedule;
  schedule.schedule_id = "sch_" + std::to_string(dice.below(3));
  schedule.workflow = "w" + std::to_string(dice.below(kWorkflows));
  schedule.input = {random_input(dice)};
  schedule.session = {"{}"};
  schedule.cron = dice.one_in(2) ? "0 * * * *" : dice.one_in(3) ? "* * * * *" : "*/20 * * * *";
  schedule.zone = dice.one_in(2) ? "UTC" : "Europe/Berlin";
  constexpr std::array<CatchUp, 3> kCatchUp{CatchUp::kSkip, CatchUp::kOne, CatchUp::kAll};
  schedule.catch_up = dice.pick(kCatchUp);
  const auto cron = std::get<Cron>(Cron::parse(schedule.cron));
  schedule.next_us = cron.next_after(clock_.now_us(), schedule.zone).value();
  take(by_user(who, DefineSchedule{std::move(schedule)}));
}

}  // namespace runledger::simulation
