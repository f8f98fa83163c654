// The core, put together: storage, state, sequencer, dispatcher, artifacts, access. One object a
// data directory. Construction recovers; nothing runs before start(). What it hands out lives as
// long as it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "core/access/token_table.h"
#include "core/artifacts/file_artifact_store.h"
#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/dispatch/dispatcher.h"
#include "core/engine/command_factory.h"
#include "core/engine/news.h"
#include "core/engine/sequencer.h"
#include "core/engine/timekeeper.h"
#include "core/schema/task_types.h"
#include "eventlog/data_directory.h"
#include "eventlog/free_space.h"
#include "eventlog/storage.h"

namespace runledger::core {

struct EngineSettings {
  SequencerSettings sequencer;
  DispatcherSettings dispatcher;
  Policy policy;
  // New work is refused below that; none: low_water_bytes() of the file system.
  std::optional<std::uint64_t> free_bytes_min = std::nullopt;
};

class Engine {
  struct Recovered {
    State state;
    std::vector<OrphanedLease> orphans;
  };

 public:
  // All must outlive the engine. on_fatal may be called from any thread of the engine, once: the
  // process has to end, it must not wait for the engine. Throws what recover() throws.
  Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage, const Clock& clock,
         RandomSource& random, EngineSettings settings,
         std::function<void(const std::string&)> on_fatal);
  ~Engine();  // stops

  // Begins to take commands; gives back what workers of before held. The admin token is good when
  // this returns.
  void start();
  void begin_stop();  // workers are asked to finish; no new leases
  void stop();

  bool submit(Command command, Answer answer) {
    return sequencer_.submit(std::move(command), std::move(answer));
  }

  const eventlog::Storage& storage() const { return storage_; }
  const CommandFactory& commands() const { return commands_; }
  IdSource& ids() { return ids_; }
  std::int64_t now_us() const { return clock_.now_us(); }
  RandomSource& random() { return random_; }
  TokenTable& tokens() { return tokens_; }
  const TaskTypes& task_types() const { return task_types_; }
  FileArtifactStore& artifacts() { return artifacts_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  std::size_t workers() const { return dispatcher_.workers(); }
  News& news() { return news_; }
  // False: the disk is nearly full, new work is to be refused. Any thread.
  bool has_room() { return free_space_.has_room(); }
  // Commands are being taken. Any thread.
  bool serving() const { return serving_; }

 private:
  Engine(const eventlog::DataDirectory& directory, eventlog::Storage& storage, const Clock& clock,
         RandomSource& random, EngineSettings settings,
         std::function<void(const std::string&)> on_fatal, Recovered recovered);
  static Recovered recover_all(eventlog::Storage& storage, const EngineSettings& settings);
  void admit(const State& state);
  SequencerHooks hooks(const std::function<void(const std::string&)>& on_fatal);
  std::optional<std::string> input_fault(const std::string& task_type, const JsonText& input) const;
  void record_admin_token();
  void on_admissions(std::span<const Action> actions);

  eventlog::Storage& storage_;
  const Clock& clock_;
  RandomSource& random_;
  IdSource ids_;
  CommandFactory commands_;
  TokenTable tokens_;
  TaskTypes task_types_;
  FileArtifactStore artifacts_;
  News news_;
  eventlog::FreeSpace free_space_;
  std::vector<OrphanedLease> orphans_;
  std::optional<TokenCreated> new_admin_token_;
  std::atomic<bool> serving_ = false;
  Sequencer sequencer_;
  Dispatcher dispatcher_;
  Timekeeper timekeeper_;
};

}  // namespace runledger::core
