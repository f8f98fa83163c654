// Stand-ins for what lies below the edge.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/access/authenticator.h"
#include "core/artifacts/artifact_store.h"
#include "core/dispatch/worker_gateway.h"

namespace runledger::api {

// The token is the name of the only role of its principal; "nobody" has none.
class FakeAuthenticator : public core::Authenticator {
 public:
  std::optional<core::Principal> authenticate(std::string_view bearer_token) const override;
};

class FakeStaged;

// Keeps artifacts in memory.
class FakeArtifactStore : public core::ArtifactStore {
 public:
  std::unique_ptr<core::StagedArtifact> stage() override;
  std::optional<core::StoredArtifact> find(std::string_view sha256) const override;
  std::filesystem::path path_of(std::string_view sha256) const override;

  bool fails = false;  // every write throws
  // Waits until nothing is being staged.
  void wait_until_unstaged();

 private:
  friend class FakeStaged;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> stored_;
  int staged_ = 0;
};

std::string sha256_hex(std::string_view bytes);

class FakeGateway;

// Echoes; "close:WHY" closes, "drip" sends 64 KiB, "flood" a hundred times that, "throw" throws.
class FakeSession : public core::WorkerSession {
 public:
  FakeSession(FakeGateway& gateway, std::shared_ptr<core::WorkerConnection> connection)
      : gateway_(gateway), connection_(std::move(connection)) {}
  void on_message(std::string_view frame) override;
  void on_closed() override;

 private:
  FakeGateway& gateway_;
  std::shared_ptr<core::WorkerConnection> connection_;
};

class FakeGateway : public core::WorkerGateway {
 public:
  std::shared_ptr<core::WorkerSession> connect(
      const core::Principal& principal,
      std::shared_ptr<core::WorkerConnection> connection) override;

  bool is_full = false;
  // Waits until that many sessions have been told that they are closed.
  bool wait_for_closed(int count);
  int closed();
  std::shared_ptr<core::WorkerConnection> last_connection();

 private:
  friend class FakeSession;
  std::mutex mutex_;
  std::condition_variable changed_;
  int closed_ = 0;
  std::shared_ptr<core::WorkerConnection> last_;
};

}  // namespace runledger::api
