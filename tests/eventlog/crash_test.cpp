// kill -9 of a process that appends: whatever it had acknowledged is there after the reopen.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

constexpr int kRounds = 15;
constexpr std::uint64_t kSeed = 77;

struct Child {
  ::pid_t pid = -1;
  int acknowledged = -1;  // read end of its stdout
};

Child start_child(const std::string& directory) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const ::pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(RUNLEDGER_APPENDING_CHILD, RUNLEDGER_APPENDING_CHILD, directory.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {pid, ends[0]};
}

// Kills the child after that many acknowledgements; the last head that it acknowledged.
Offset kill_after(const Child& child, int acknowledgements) {
  Offset last = 0;
  Offset next = 0;
  for (int seen = 0; ::read(child.acknowledged, &next, sizeof next) == sizeof next; ++seen) {
    last = next;
    if (seen == acknowledgements) ::kill(child.pid, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child.pid, &status, 0), child.pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself";
  ::close(child.acknowledged);
  return last;
}

TEST(Crash, KilledProcessLosesNothingAcknowledged) {
  TempDir directory;
  const auto log = directory / "log";
  std::mt19937_64 random(kSeed);
  Offset before = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Offset acknowledged = kill_after(start_child(log), static_cast<int>(random() % 400));
    EXPECT_GT(acknowledged, before);
    const RocksDbStorage storage(log);
    // The one in flight may be there or not.
    ASSERT_GE(storage.log().head(), acknowledged);
    ASSERT_LE(storage.log().head(), acknowledged + 1);
    EXPECT_EQ(storage.rows_offset(), storage.log().head());
    EXPECT_EQ(storage.rows().get("head"), std::to_string(storage.log().head()));
    const auto records = read_all(storage);
    ASSERT_EQ(records.size(), storage.log().head());
    for (const auto& record : records) {
      ASSERT_EQ(record.payload, std::to_string(record.offset) + std::string(500, '.'));
      ASSERT_EQ(record.stream, "s" + std::to_string(record.offset % 7));
    }
    before = storage.log().head();
  }
}

}  // namespace
}  // namespace runledger::eventlog::test
