#include "core/engine/engine.h"

#include <spdlog/spdlog.h>

#include <future>

#include "core/access/admin_token.h"
#include "core/engine/recovery.h"
#include "core/schema/schema_faults.h"

namespace runledger::core {

Engine::Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage,
               const Clock& clock, RandomSource& random, EngineSettings settings,
               std::function<void(const std::string&)> on_fatal)
    : Engine(directory, storage, clock, random, settings, std::move(on_fatal),
             recover_all(storage, settings)) {}

Engine::Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage,
               const Clock& clock, RandomSource& random, EngineSettings settings,
               std::function<void(const std::string&)> on_fatal, Recovered recovered)
    : storage_(storage),
      clock_(clock),
      random_(random),
      ids_(clock, random),
      commands_(clock, ids_),
      artifacts_(directory.artifacts(), directory.staging()),
      free_space_([root = directory.paths().root] { return eventlog::disk_space(root); },
                  [&clock] { return clock.now_us(); }, settings.free_bytes_min),
      orphans_(std::move(recovered.orphans)),
      new_admin_token_(ensure_admin_token(directory.paths().admin_token(), recovered.state.tokens,
                                          ids_, random)),
      sequencer_(storage, (admit(recovered.state), std::move(recovered.state)), settings.sequencer,
                 hooks(on_fatal)),
      dispatcher_(
          settings.dispatcher,
          [this](std::deque<Submission>& submissions) { sequencer_.submit_all(submissions); },
          artifacts_, commands_, ids_, on_fatal),
      timekeeper_(clock, [this](std::function<void()> taken) {
        return sequencer_.submit(commands_.from_system(PassTime{}),
                                 [taken = std::move(taken)](const Outcome&) { taken(); });
      }) {}

Engine::Recovered Engine::recover_all(eventlog::Storage& storage, const EngineSettings& settings) {
  Recovered recovered;
  recovered.state =
      recover(storage, settings.sequencer.runs_in_memory_max,
              [&](const RunState& run) { add_orphaned_leases(run, recovered.orphans); });
  recovered.state.policy = settings.policy;
  return recovered;
}

SequencerHooks Engine::hooks(const std::function<void(const std::string&)>& on_fatal) {
  SequencerHooks hooks;
  hooks.on_admissions = [this](std::span<const Action> actions) {
    on_admissions(actions);
  };
  hooks.on_answered = [this] {
    dispatcher_.on_answered();
  };
  hooks.on_actions = [this](std::span<const Action> actions) {
    dispatcher_.on_actions(actions);
  };
  hooks.on_news = [this](std::span<const std::string> streams) {
    news_.publish(streams);
  };
  hooks.on_due = [this](std::int64_t due_us) {
    timekeeper_.set_due(due_us);
  };
  hooks.input_fault = [this](const std::string& task_type, const JsonText& input) {
    return input_fault(task_type, input);
  };
  hooks.on_fatal = [this, on_fatal](const std::string& reason) {
    serving_ = false;
    on_fatal(reason);
  };
  return hooks;
}

std::optional<std::string> Engine::input_fault(const std::string& task_type,
                                               const JsonText& input) const {
  const auto types = task_types_.snapshot();
  const auto type = types->find(task_type);
  if (type == types->end()) return std::nullopt;  // a worker may still come that knows it
  return faults_text(type->second.input_schema->check(input.text));
}

Engine::~Engine() {
  stop();
}

void Engine::admit(const State& state) {
  for (const auto& [token_id, token] : state.tokens) tokens_.admit(token);
  for (const auto& [name, type] : state.task_types) {
    const auto refused = task_types_.offer(type.registered);
    if (refused) spdlog::warn("task type '{}' is not offered: {}", name, *refused);
  }
}

void Engine::start() {
  sequencer_.start();
  dispatcher_.start();
  timekeeper_.start();
  dispatcher_.lose_orphans(orphans_);
  record_admin_token();
  serving_ = true;
}

void Engine::record_admin_token() {
  if (!new_admin_token_) return;
  std::promise<void> recorded;
  const bool queued = sequencer_.submit(commands_.from_system(CreateToken{*new_admin_token_}),
                                        [&](const Outcome&) { recorded.set_value(); });
  if (queued) recorded.get_future().wait();
}

void Engine::begin_stop() {
  dispatcher_.begin_stop();
}

void Engine::stop() {
  serving_ = false;
  timekeeper_.stop();
  dispatcher_.stop();
  sequencer_.stop();
}

void Engine::on_admissions(std::span<const Action> actions) {
  for (const Action& action : actions) {
    if (const auto* admitted = std::get_if<AdmitToken>(&action)) tokens_.admit(admitted->token);
    if (const auto* offered = std::get_if<OfferTaskType>(&action)) {
      const auto refused = task_types_.offer(offered->task_type);
      if (refused) spdlog::warn("task type is not offered: {}", *refused);
    }
  }
}

}  // namespace runledger::core
