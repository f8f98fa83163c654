// Hands ready tasks to workers and their reports to the sequencer. One thread of its own owns what
// is known of the connected workers; everything reaches it as a message in its mailbox. What is
// lasting (who holds which lease) is in the log; what is here (who is connected, free slots) dies
// with the process.
//
// The mailbox is bounded by its senders: a session may have kSessionMessagesMax frames waiting, and
// each report and grant that the sequencer works on belongs to a session.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>

#include "core/artifacts/artifact_store.h"
#include "core/dispatch/worker_gateway.h"
#include "core/engine/command_factory.h"
#include "core/engine/sequencer.h"

namespace runledger::core {

inline constexpr std::size_t kSessionsMax = 256;
inline constexpr std::size_t kSessionMessagesMax = 1024;  // frames not yet looked at, per session
inline constexpr std::size_t kSessionBytesMax = 32 * 1024 * 1024;  // of them
inline constexpr std::size_t kManifestBytesMax = 1024 * 1024;      // of one task type

// Named in the session of a worker that the server has started itself.
inline constexpr std::string_view kLocalTokenId = "local";

// A lease that a recovered run still shows as held.
struct OrphanedLease {
  LoseLease lost;
  bool remote = false;
  std::string worker_name = {};
  std::string task_type = {};
  std::uint64_t heartbeat_ms = 0;
  bool parked = false;
};
void add_orphaned_leases(const RunState& run, std::vector<OrphanedLease>& orphans);

struct DispatcherSettings {
  std::uint32_t cancel_grace_ms = 10'000;  // for a task that was asked to stop
  // How long the leases of a worker that is no child of the server stay its own while it is away.
  std::uint32_t worker_grace_ms = 30'000;
};

class Dispatcher final : public WorkerGateway {
 public:
  using Submit = std::function<void(std::deque<Submission>&)>;  // Sequencer::submit_all

  // What is referred to must outlive the dispatcher; so must what `submit` calls, until stop().
  Dispatcher(DispatcherSettings settings, Submit submit, const ArtifactStore& artifacts,
             const CommandFactory& commands, IdSource& ids,
             std::function<void(const std::string&)> on_fatal);
  ~Dispatcher() override;  // stops

  void start();
  // Takes no more sessions and grants nothing more, and has the server's own workers finish. Those
  // that close from now on lose their leases without being charged for it; others keep theirs, to
  // come again when the server does.
  void begin_stop();
  void stop();

  std::shared_ptr<WorkerSession> connect(const Principal& principal,
                                         std::shared_ptr<WorkerConnection> connection) override;

  // Sequencer hooks: looks at what was answered; wakes workers and stops tasks (other actions are
  // not for it).
  void on_answered();
  void on_actions(std::span<const Action> actions);
  // Gives back leases of before the start: those of local workers, which are gone, at once, those
  // of others after their grace.
  void lose_orphans(const std::vector<OrphanedLease>& orphans);

  // Workers that have registered and are still connected. Any thread.
  std::size_t workers() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger::core
