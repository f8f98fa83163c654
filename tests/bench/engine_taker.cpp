#include "tests/bench/engine_taker.h"

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"

namespace runledger::core::bench {

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

std::string argument(int argc, char** argv, std::string_view name, std::string otherwise) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (argv[i] == "--" + std::string(name)) otherwise = argv[i + 1];
  }
  return otherwise;
}

std::size_t number(int argc, char** argv, std::string_view name, std::size_t otherwise) {
  return std::stoull(argument(argc, argv, name, std::to_string(otherwise)));
}

Taker::Taker(std::size_t runs_in_memory_max, Load load, Commit commit)
    : runs_in_memory_max_(runs_in_memory_max), commit_(std::move(commit)) {
  hooks_.load = std::move(load);
  hooks_.on_event = [this](const Event& event, std::string payload) {
    note(event, std::move(payload));
  };
  hooks_.input_fault = [](const std::string&, const JsonText&) {
    return std::nullopt;
  };
}

Outcome Taker::take(const Command& command) {
  if (!transition_) transition_.emplace(state_, hooks_, next_offset_);
  ++commands_;
  Outcome outcome = transition_->take(command);
  if (++in_group_ == kCommandsPerCommit) commit();
  return outcome;
}

void Taker::commit() {
  if (!transition_) return;
  next_offset_ = transition_->next_offset();
  const auto rows = projection_.take_rows(state_);
  commit_(items_, rows);
  items_.clear();
  in_group_ = 0;
  state_.idempotency.clear();
  evict();
  transition_.reset();
}

void Taker::note(const Event& event, std::string payload) {
  projection_.note(state_, event);
  if (items_.empty() || items_.back().stream != event.stream) {
    items_.push_back({event.stream, event.idx, {}});
  }
  items_.back().events.push_back({event.time_us, event.tenant, event.owner,
                                  std::string(type_of(event.body)), event.version, event.actor,
                                  event.command_id, std::move(payload)});
}

void Taker::evict() {
  if (state_.runs.size() > runs_in_memory_max_) return state_.runs.clear();
  for (const std::string& run_id : transition_->touched()) {
    const RunState* run = state_.find_run(run_id);
    if (run != nullptr && run->ended()) evict_run(state_, run_id);
  }
}

Command Callers::submit(const std::shared_ptr<const RunPlan>& plan, Labels labels,
                        const std::string& user) {
  SubmitRun submit;
  submit.run_id = ids_.make("run");
  submit.plan = plan;
  for (const StepSpec& step : plan->spec.steps)
    submit.tasks.push_back({step.id, ids_.make("task")});
  submit.labels = std::move(labels);
  return commands_.from_user({"acme", user, {Role::kSubmitter}, "tok"}, std::move(submit));
}

Command Callers::ask(std::size_t slots) {
  GrantLeases ask{"wrk_1", "w1", false, {{"image", "1.0.0", std::string(64, 'a')}}, {}};
  for (std::size_t i = 0; i < slots; ++i) ask.lease_ids.push_back(ids_.make("lease"));
  return commands_.from_worker("w1", std::move(ask));
}

std::shared_ptr<const RunPlan> plan_of_one_task() {
  return std::make_shared<const RunPlan>(
      RunPlan{single_task_spec("image", {R"({"prompt":"a cat on a roof","width":1280})"}),
              {"{}"},
              {R"({"workspace":"ws-1"})"}});
}

LeaseRef lease_in(const Outcome& granted) {
  const auto& grant = std::get<LeasesGranted>(std::get<CommandReply>(granted)).grants.at(0);
  return {grant.run_id, grant.task_id, grant.lease_id};
}

}  // namespace runledger::core::bench
