// A session of a worker with a real runner, against a server that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "core/worker/session.h"
#include "tests/plugins/executors.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/local_executor.h"
#include "tests/plugins/worker_peer.h"

namespace runledger::core::worker {

class SessionFixture : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kSlots = 2;

  static protocol::Register introduction() {
    protocol::Register message;
    message.name = "worker-1";
    message.slots = kSlots;
    message.task_types = {{"it", "1.0.0", "{}", std::string(64, 'a')}};
    return message;
  }
  std::future<SessionEnd> run() {
    return std::async(std::launch::async,
                      [this] { return session.run(door.url(), "secret", runner); });
  }
  // Accepts the worker and takes it up to its saying how many tasks it would have.
  testing::WorkerPeer registered(std::uint32_t grace_ms = 0,
                                 std::vector<protocol::HeldTask>* held = nullptr) {
    auto peer = door.accept();
    const auto message = peer.expect<protocol::Register>();
    EXPECT_EQ(message.name, "worker-1");
    if (held != nullptr) *held = message.held;
    peer.send(protocol::Registered{"wrk_1", grace_ms, {}});
    EXPECT_GE(peer.expect<protocol::Lease>().room, kSlots);
    return peer;
  }
  static void lease(testing::WorkerPeer& peer, const std::string& lease_id) {
    peer.send(protocol::Leased{{testing::leased(lease_id, "it")}});
  }
  static void acknowledge(testing::WorkerPeer& peer, const protocol::Reports& reports) {
    protocol::Acknowledged all;
    for (const auto& report : reports.reports) all.results.push_back({report.seq, ""});
    peer.send(all);
  }
  void wait_until_idle() const {
    while (runner.running() > 0) std::this_thread::yield();
  }

  testing::WorkerDoor door;
  testing::FakeUploader uploader;
  Session session{introduction()};
  testing::LocalExecutor executor{{{"it", testing::scripted_plugin()}}};
  TaskRunner runner{kSlots, executor, session, uploader};
};

// Executors that wait for a word of the test, which may come at any time.
class Gate {
 public:
  void open() { promise_.set_value(); }
  // Until an executor waits. A task that has no slot yet ends at once when it is told to stop.
  void wait_until_reached() const { reached_->wait(false); }
  testing::Behaviour wait_then(testing::Behaviour then) const {
    return [future = future_, reached = reached_, then = std::move(then)](TaskContext& task) {
      reached->store(true);
      reached->notify_all();
      future.wait();
      return then(task);
    };
  }

 private:
  std::promise<void> promise_;
  std::shared_future<void> future_ = promise_.get_future().share();
  std::shared_ptr<std::atomic<bool>> reached_ = std::make_shared<std::atomic<bool>>(false);
};

inline json succeed(TaskContext&) {
  return json::object();
}
inline json until_stopped(TaskContext& task) {
  for (;;) {
    task.throw_if_stopped();
    std::this_thread::yield();
  }
}

}  // namespace runledger::core::worker
