#include "core/worker/supervisor.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "tests/core/temporary_directory.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorSettings settings(const std::string& behaviour, std::size_t workers = 1) {
    SupervisorSettings chosen;
    chosen.executable = RUNLEDGER_CHILD;
    chosen.server_url = behaviour;
    chosen.token = "the-token";
    chosen.plugins = directory.path();
    chosen.workers = workers;
    return chosen;
  }
  std::function<void(const WorkerExit&)> remember() {
    return [this](const WorkerExit& exit) {
      const std::scoped_lock lock(mutex);
      exits.push_back(exit);
      changed.notify_all();
    };
  }
  void wait_for_exits(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return exits.size() >= count; });
  }
  // Waits until so many children have written down how they were started; gives their pids.
  std::vector<pid_t> wait_for_children(std::size_t count) const {
    for (;;) {
      std::vector<pid_t> pids;
      for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
        const std::string name = file.path().filename();
        if (!name.starts_with('.')) pids.push_back(std::stoi(name));
      }
      if (pids.size() >= count) return pids;
      std::this_thread::yield();
    }
  }
  std::vector<std::string> notes_of(pid_t pid, const std::string& kind) const {
    std::ifstream in(directory.path() / std::to_string(pid));
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with(kind + ' ')) found.push_back(line.substr(kind.size() + 1));
    }
    return found;
  }
  // How a child is started, as it sees it.
  std::vector<std::string> seen_by_child(const std::string& kind) {
    Supervisor supervisor(settings("wait"), remember());
    supervisor.start();
    return notes_of(wait_for_children(1).at(0), kind);
  }

  core::testing::TemporaryDirectory directory;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<WorkerExit> exits;
};

TEST_F(SupervisorTest, StartsAWorkerAgainThatHasEnded) {
  Supervisor supervisor(settings("exit"), remember());
  supervisor.start();
  wait_for_exits(3);
  supervisor.stop();
  std::set<std::int64_t> pids;
  for (const WorkerExit& exit : exits) {
    EXPECT_EQ(exit.name, "local-1");
    EXPECT_TRUE(WIFEXITED(exit.status) && WEXITSTATUS(exit.status) == 7);
    pids.insert(exit.pid);
  }
  EXPECT_EQ(pids.size(), exits.size());
}

TEST_F(SupervisorTest, TellsOfAWorkerThatWasKilledAndLeavesTheOthersAlone) {
  Supervisor supervisor(settings("wait", 2), remember());
  supervisor.start();
  const auto pids = wait_for_children(2);
  kill(pids[0], SIGKILL);
  wait_for_exits(1);
  EXPECT_EQ(exits[0].pid, pids[0]);
  EXPECT_TRUE(WIFSIGNALED(exits[0].status) && WTERMSIG(exits[0].status) == SIGKILL);
  wait_for_children(3);
  EXPECT_EQ(kill(pids[1], 0), 0);
}

TEST_F(SupervisorTest, StopEndsEveryWorkerAndTellsOfNone) {
  Supervisor supervisor(settings("wait", 3), remember());
  supervisor.start();
  const auto pids = wait_for_children(3);
  supervisor.stop();
  for (const pid_t pid : pids) EXPECT_NE(kill(pid, 0), 0);
  EXPECT_TRUE(exits.empty());
  supervisor.stop();  // again, to no effect
}

TEST_F(SupervisorTest, StopKillsWhatIgnoresIt) {
  auto chosen = settings("ignore");
  chosen.stop_grace = 10ms;
  Supervisor supervisor(chosen, remember());
  supervisor.start();
  const auto pids = wait_for_children(1);
  supervisor.stop();
  EXPECT_NE(kill(pids[0], 0), 0);
}

TEST_F(SupervisorTest, StopsAlsoWhenNothingCouldBeStarted) {
  auto chosen = settings("wait");
  chosen.executable = directory.path() / "nothing";
  Supervisor supervisor(chosen, remember());
  supervisor.start();
  supervisor.stop();
  EXPECT_TRUE(exits.empty());
}

TEST_F(SupervisorTest, HandsOverTheTokenInTheEnvironmentAndNoOtherVariableOfOurs) {
  setenv("RUNLEDGER_TOKEN", "the server's own", 1);
  setenv("RUNLEDGER_DATA", "/somewhere", 1);
  EXPECT_THAT(seen_by_child("variable"), ElementsAre("RUNLEDGER_TOKEN=the-token"));
  unsetenv("RUNLEDGER_TOKEN");
  unsetenv("RUNLEDGER_DATA");
}

TEST_F(SupervisorTest, SaysTheRestInArguments) {
  EXPECT_THAT(seen_by_child("argument"),
              ElementsAre("worker", "--server", "wait", "--name", "local-1", "--plugins",
                          directory.path().string(), "--slots", "2", "--plugin-memory",
                          "4294967296", "--supervised-by", std::to_string(getpid())));
}

// A client's socket in a worker would stay open after the server has closed it.
TEST_F(SupervisorTest, HandsOverNoDescriptor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);  // without close-on-exec
  EXPECT_THAT(seen_by_child("pipe"), ElementsAre());
  close(ends[0]);
  close(ends[1]);
}

TEST_F(SupervisorTest, ABlockedSignalOfTheServerIsNotBlockedInTheWorker) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &term, &before);
  EXPECT_THAT(seen_by_child("blocked"), ElementsAre("0000000000000000"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace runledger::core::worker
