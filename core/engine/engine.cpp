#include "core/engine/engine.h"

#include <spdlog/spdlog.h>

#include <future>

#include "core/access/admin_token.h"
#include "core/engine/recovery.h"

namespace runledger::core {

Engine::Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage,
               const Clock& clock, RandomSource& random, EngineSettings settings,
               std::function<void(const std::string&)> on_fatal)
    : Engine(directory, storage, clock, random, settings, std::move(on_fatal), recover(storage)) {}

Engine::Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage,
               const Clock& clock, RandomSource& random, EngineSettings settings,
               std::function<void(const std::string&)> on_fatal, State state)
    : storage_(storage),
      random_(random),
      ids_(clock, random),
      commands_(clock, ids_),
      artifacts_(directory.artifacts(), directory.staging()),
      free_space_([root = directory.paths().root] { return eventlog::disk_space(root); },
                  [&clock] { return clock.now_us(); }, settings.free_bytes_min),
      orphans_(orphaned_leases(state)),
      new_admin_token_(
          ensure_admin_token(directory.paths().admin_token(), state.tokens, ids_, random)),
      sequencer_(storage, (admit(state), std::move(state)), settings.sequencer,
                 {[this](std::span<const Action> actions) { on_admissions(actions); },
                  [this](std::span<const Action> actions) { dispatcher_.on_actions(actions); },
                  [this](std::span<const std::string> streams) { news_.publish(streams); },
                  [this, on_fatal](const std::string& reason) {
                    serving_ = false;
                    on_fatal(reason);
                  }}),
      dispatcher_(
          settings.dispatcher,
          [this](Command command, Answer answer) {
            return sequencer_.submit(std::move(command), std::move(answer));
          },
          storage.log(), artifacts_, commands_, ids_, on_fatal) {}

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
