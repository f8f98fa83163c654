// A dispatcher on a core without network and disk, and workers that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "core/dispatch/dispatcher.h"
#include "core/protocol/messages.h"
#include "tests/core/harness.h"

namespace runledger::core::testing {

using namespace protocol;

// What the server sends to one worker, to be waited for.
class FakeConnection final : public WorkerConnection {
 public:
  void send(std::string frame) override {
    const auto message = decode_server_message(frame);
    std::scoped_lock lock(mutex_);
    received_.push_back(std::get<ServerMessage>(message));
    arrived_.notify_all();
  }
  void close(std::string) override {
    std::scoped_lock lock(mutex_);
    closed_ = true;
    arrived_.notify_all();
  }
  // The next message of that kind; others before it are passed over.
  template <typename T>
  T next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (read_ < received_.size()) {
        const ServerMessage& message = received_[read_++];
        if (const auto* wanted = std::get_if<T>(&message)) return *wanted;
      }
      if (arrived_.wait_for(lock, std::chrono::seconds(10)) == std::cv_status::timeout) {
        throw std::runtime_error("the expected message did not come");
      }
    }
  }
  // What comes up to a message of that kind, this one included.
  template <typename T>
  std::vector<ServerMessage> all_until() {
    const std::size_t from = read_;
    next<T>();
    std::scoped_lock lock(mutex_);
    return {received_.begin() + static_cast<std::ptrdiff_t>(from),
            received_.begin() + static_cast<std::ptrdiff_t>(read_)};
  }
  void wait_until_closed() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return closed_; })) {
      throw std::runtime_error("the connection was not closed");
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<ServerMessage> received_;
  std::size_t read_ = 0;
  bool closed_ = false;
};

class FakeArtifacts final : public ArtifactStore {
 public:
  std::unique_ptr<StagedArtifact> stage() override { return nullptr; }
  std::optional<StoredArtifact> find(std::string_view sha256) const override {
    if (sha256 != std::string(64, 'b')) return std::nullopt;
    return StoredArtifact{std::string(sha256), 10};
  }
  std::filesystem::path path_of(std::string_view) const override { return {}; }
};

// A worker's side of a session.
struct FakeWorker {
  explicit FakeWorker(Dispatcher& dispatcher, const std::string& token = std::string(kLocalTokenId))
      : session(dispatcher.connect({"", "w", {Role::kWorker}, token}, connection)) {}
  void say(const WorkerMessage& message) { session->on_message(encode(message)); }
  Registered enter(const std::string& name = "w1", const std::string& schema = "{}") {
    return enter(name, schema, {});
  }
  Registered enter(const std::string& name, const std::string& schema, std::vector<HeldTask> held,
                   std::uint32_t slots = 0) {
    Register message;
    message.name = name;
    message.slots = 2;
    message.task_types = {
        {"image", "1.0.0", R"({"input_schema":)" + schema + "}", std::string(64, 'a'), slots}};
    message.held = std::move(held);
    say(message);
    return connection->next<Registered>();
  }
  void report(const LeasedTask& task, ReportBody body) {
    const std::uint64_t number = ++numbers[task.lease_id];
    say(Reports{{{task.run_id, task.task_id, task.lease_id, ++seq, number, std::move(body)}}});
  }

  std::shared_ptr<FakeConnection> connection = std::make_shared<FakeConnection>();
  std::shared_ptr<WorkerSession> session;
  std::uint64_t seq = 0;
  std::map<std::string, std::uint64_t> numbers;
};

class DispatcherFixture : public ::testing::Test {
 protected:
  explicit DispatcherFixture(std::uint32_t cancel_grace_ms = 10'000,
                             std::uint32_t worker_grace_ms = 10'000) {
    core_.sequencer = nullptr;
    SequencerHooks hooks;
    hooks.on_admissions = [](std::span<const Action>) {
    };
    hooks.on_answered = [this] {
      dispatcher_->on_answered();
    };
    hooks.on_actions = [this](std::span<const Action> actions) {
      dispatcher_->on_actions(actions);
    };
    hooks.on_news = [this](std::span<const std::string>) {
      std::scoped_lock lock(mutex_);
      committed_.notify_all();
    };
    hooks.on_fatal = [](const std::string& reason) {
      ADD_FAILURE() << reason;
    };
    core_.sequencer =
        std::make_unique<Sequencer>(*core_.storage, State{}, SequencerSettings{}, std::move(hooks));
    DispatcherSettings settings;
    settings.cancel_grace_ms = cancel_grace_ms;
    settings.worker_grace_ms = worker_grace_ms;
    dispatcher_ = std::make_unique<Dispatcher>(
        settings, [this](std::deque<Submission>& waiting) { core_.sequencer->submit_all(waiting); },
        artifacts_, core_.commands, core_.ids,
        [](const std::string& reason) { ADD_FAILURE() << reason; });
    core_.sequencer->start();
    dispatcher_->start();
  }
  ~DispatcherFixture() override {
    dispatcher_->stop();
    core_.sequencer->stop();
  }

  void wait_for_status(const std::string& run_id, RunStatus status) {
    std::unique_lock lock(mutex_);
    const bool came = committed_.wait_for(lock, std::chrono::seconds(10),
                                          [&] { return core_.stored(run_id)->status == status; });
    ASSERT_TRUE(came) << to_text(core_.stored(run_id)->status);
  }

  Harness core_;
  FakeArtifacts artifacts_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::mutex mutex_;
  std::condition_variable committed_;
};

}  // namespace runledger::core::testing
