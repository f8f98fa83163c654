// The disk fails at the Nth write, sync, creation, rename of each kind of file, once or for good,
// with RocksDB's own threads at work. Whoever meets it, the process that writes learns of it, ends
// by itself and not in an assertion, and the next one has everything that was acknowledged.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>

#include "eventlog/rocksdb_storage.h"
#include "eventlog/verify.h"
#include "tests/eventlog/faulty_child.h"
#include "tests/eventlog/faulty_file_system.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 4711;
constexpr int kRoundsPerOperation = 15;
constexpr Offset kEventsOfACommit = 2;

struct Ended {
  int status = 0;  // of waitpid
  Offset acknowledged = 0;
  std::string err;
};

class DiskFault : public ::testing::Test {
 protected:
  fs::path log() const { return directory_ / "log"; }

  Ended run_child(const Fault& fault, bool from_open, bool unwinds) {
    const fs::path err = directory_ / "err";
    fs::remove(err);
    std::vector<std::string> arguments = {RUNLEDGER_FAULTY_CHILD,
                                          log().string(),
                                          std::to_string(static_cast<int>(fault.operation)),
                                          std::to_string(fault.nth),
                                          fault.lasting ? "1" : "0",
                                          fault.disk_full ? "1" : "0",
                                          from_open ? "1" : "0",
                                          unwinds ? "1" : "0"};
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    const ::pid_t pid = ::fork();
    if (pid == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      if (std::freopen(err.c_str(), "w", stderr) == nullptr) ::_exit(127);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    Ended ended;
    Offset head = 0;
    while (::read(ends[0], &head, sizeof head) == sizeof head) ended.acknowledged = head;
    ::close(ends[0]);
    EXPECT_EQ(::waitpid(pid, &ended.status, 0), pid);
    std::ifstream in(err);
    ended.err.assign(std::istreambuf_iterator<char>(in), {});
    return ended;
  }

  // Everything acknowledged, at most the commit in flight, whole commits, rows and seals as well.
  void expect_reopens(Offset acknowledged) {
    if (acknowledged > 0) {
      const VerifyReport report = verify_log(log(), {});
      EXPECT_FALSE(report.damage) << report.damage->what;
    }
    const RocksDbStorage storage(log());
    ASSERT_GE(storage.log().head(), acknowledged);
    ASSERT_LE(storage.log().head(), acknowledged + kEventsOfACommit);
    ASSERT_EQ(storage.log().head() % kEventsOfACommit, 0u);
    EXPECT_EQ(storage.rows_offset(), storage.log().head());
    if (storage.log().head() > 0) {
      EXPECT_EQ(storage.rows().get("head"), std::to_string(storage.log().head()));
    }
    const auto records = read_all(storage);
    ASSERT_EQ(records.size(), storage.log().head());
    for (const auto& record : records) {
      ASSERT_EQ(record.payload, faulty_child_payload(record.offset));
      ASSERT_EQ(record.stream, faulty_child_stream(record.offset));
    }
    acknowledged_ = storage.log().head();
  }

  // One fault after the other on the same log, which is opened in between. Late ones may lie
  // beyond what the child does.
  void strike(Operation operation, int nth_max) {
    std::mt19937_64 random(kSeed + static_cast<std::uint64_t>(operation));
    for (int round = 0; round < kRoundsPerOperation; ++round) {
      Fault fault{operation, 1 + static_cast<int>(random() % static_cast<unsigned>(nth_max)),
                  random() % 2 == 0, random() % 2 == 0};
      const bool from_open = operation == Operation::kRename || random() % 4 == 0;
      const bool unwinds = random() % 2 == 0;
      SCOPED_TRACE(std::string(to_text(operation)) + " number " + std::to_string(fault.nth) +
                   (fault.lasting ? " and all after it" : "") +
                   (fault.disk_full ? ", full" : ", EIO") +
                   (from_open ? ", from the open on" : "") + (unwinds ? ", unwinds" : ""));
      const Ended ended = run_child(fault, from_open, unwinds);
      // A signal: RocksDB has run into an assertion.
      ASSERT_TRUE(WIFEXITED(ended.status)) << "signal " << WTERMSIG(ended.status) << "\n"
                                           << ended.err;
      const int code = WEXITSTATUS(ended.status);
      ASSERT_NE(code, kChildBroken) << ended.err;
      ++outcomes_[code];
      if (code == kChildFailed || code == kChildDidNotOpen) {
        EXPECT_NE(ended.err.find(fault.disk_full ? "make room" : "errors of the disk"),
                  std::string::npos)
            << ended.err;
        EXPECT_NE(ended.err.find(log().string()), std::string::npos) << ended.err;
      }
      expect_reopens(std::max(acknowledged_, ended.acknowledged));
      if (HasFatalFailure()) return;
    }
    std::cout << to_text(operation) << ": " << outcomes_[kChildFailed] << " while it ran, "
              << outcomes_[kChildDidNotOpen] << " in the open, " << outcomes_[kChildFinished]
              << " not met\n";
    EXPECT_GT(outcomes_[kChildFailed] + outcomes_[kChildDidNotOpen], kRoundsPerOperation / 2);
  }

  TempDir directory_;
  Offset acknowledged_ = 0;
  std::map<int, int> outcomes_;
};

TEST_F(DiskFault, OfAWalWriteLosesNothingAcknowledged) {
  strike(Operation::kWalAppend, 300);
}
TEST_F(DiskFault, OfAWalSyncLosesNothingAcknowledged) {
  strike(Operation::kWalSync, 300);
}
TEST_F(DiskFault, OfATableWriteLosesNothingAcknowledged) {
  strike(Operation::kTableAppend, 60);
}
TEST_F(DiskFault, OfATableSyncLosesNothingAcknowledged) {
  strike(Operation::kTableSync, 12);
}
TEST_F(DiskFault, OfAManifestWriteLosesNothingAcknowledged) {
  strike(Operation::kManifestAppend, 8);
}
TEST_F(DiskFault, OfAManifestSyncLosesNothingAcknowledged) {
  strike(Operation::kManifestSync, 6);
}
TEST_F(DiskFault, OfACreationLosesNothingAcknowledged) {
  strike(Operation::kCreate, 12);
}
TEST_F(DiskFault, OfARenameLosesNothingAcknowledged) {
  strike(Operation::kRename, 2);
}
TEST_F(DiskFault, OfADirectorySyncLosesNothingAcknowledged) {
  strike(Operation::kDirectorySync, 6);
}

}  // namespace
}  // namespace runledger::eventlog::test
