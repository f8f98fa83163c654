// With which code the worker process ends, whose server the test plays.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/worker/worker.h"
#include "tests/core/temporary_directory.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/worker_peer.h"

extern char** environ;

namespace runledger::core::worker {
namespace {

namespace fs = std::filesystem;
using namespace protocol;

class WorkerExit : public ::testing::Test {
 protected:
  ~WorkerExit() override {
    if (pid > 0) end(SIGKILL);
  }
  void add_plugin(const std::string& built) {
    const fs::path file = plugins.path() / "raw.so";
    fs::copy_file(fs::path(RUNLEDGER_TEST_PLUGINS) / (built + ".so"), file);
    fs::permissions(file, fs::perms::owner_all);
  }
  void start(pid_t supervised_by = 0) {
    std::vector<std::string> texts = {RUNLEDGER_WORKER_PROCESS, door.url(), plugins.path().string(),
                                      std::to_string(supervised_by)};
    std::vector<char*> arguments;
    for (std::string& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ), 0);
  }
  // The worker, up to its first request for a task.
  testing::WorkerPeer registered() {
    auto peer = door.accept();
    EXPECT_EQ(peer.expect<Register>().pid, pid);
    peer.send(Registered{"wrk_1"});
    EXPECT_EQ(peer.expect<Lease>().room, 1u);
    return peer;
  }
  int exit_code() { return end(0); }

  core::testing::TemporaryDirectory plugins;
  testing::WorkerDoor door;
  pid_t pid = -1;

 private:
  int end(int signal) {
    kill(pid, signal);
    int status = 0;
    waitpid(pid, &status, 0);
    pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
};

TEST_F(WorkerExit, Is78WithoutAUsablePlugin) {
  add_plugin("raw_abi");
  start();
  EXPECT_EQ(exit_code(), 78);
}

TEST_F(WorkerExit, Is69WhenItsServerHasGoneAndItIsSupervised) {
  add_plugin("raw_sound");
  start(getpid());
  registered().cut();
  EXPECT_EQ(exit_code(), 69);
}

TEST_F(WorkerExit, Is69WhenItsSupervisorHasGoneAlready) {
  add_plugin("raw_sound");
  start(getppid());
  EXPECT_EQ(exit_code(), 69);
}

TEST_F(WorkerExit, Is77WhenItsTokenIsNotTaken) {
  add_plugin("raw_sound");
  start();
  door.refuse(401);
  EXPECT_EQ(exit_code(), 77);
}

TEST_F(WorkerExit, Is0AfterADrainThatASignalBegan) {
  add_plugin("raw_sound");
  start();
  auto peer = registered();
  kill(pid, SIGTERM);
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  peer.send(Drain{});
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(WorkerExit, ATaskThatIgnoresItsStopCostsItsProcessAlone) {
  add_plugin("raw_stubborn");
  start();
  auto peer = registered();
  peer.send(Leased{{testing::leased("lease_1", "raw")}});
  peer.expect<Reports>();  // it has begun
  peer.send(Cancel{"lease_1", 0});
  const auto reports = peer.expect<Reports>();
  ASSERT_EQ(reports.reports.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(reports.reports[0].body));
  peer.send(Leased{{testing::leased("lease_2", "raw")}});
  EXPECT_EQ(peer.skip_to<Reports>().reports.at(0).lease_id, "lease_2");  // it goes on
}

TEST_F(WorkerExit, AFreeStandingWorkerComesAgain) {
  add_plugin("raw_sound");
  start();
  registered().cut();
  auto peer = registered();
  peer.send(Leased{{testing::leased("lease_1", "raw")}});
  const auto outcome = peer.expect<Reports>().reports.at(0);
  EXPECT_EQ(std::get<SucceededReport>(outcome.body).output, R"({"language":"C"})");
}

}  // namespace
}  // namespace runledger::core::worker
