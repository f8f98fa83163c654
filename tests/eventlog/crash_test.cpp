// kill -9 of a process that appends: whatever it had acknowledged is there after the reopen.
#include <gtest/gtest.h>

#include <random>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/appending_process.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

constexpr int kRounds = 15;
constexpr std::uint64_t kSeed = 77;

TEST(Crash, KilledProcessLosesNothingAcknowledged) {
  TempDir directory;
  const auto log = directory / "log";
  std::mt19937_64 random(kSeed);
  Offset before = 0;
  for (int round = 0; round < kRounds; ++round) {
    AppendingProcess child(log);
    child.read_acknowledgements(1 + static_cast<int>(random() % 400));
    const Offset acknowledged = child.kill_and_drain();
    EXPECT_GT(acknowledged, before);
    const RocksDbStorage storage(log);
    // The one in flight may be there or not.
    ASSERT_GE(storage.log().head(), acknowledged);
    ASSERT_LE(storage.log().head(), acknowledged + 1);
    expect_appended_by_child(storage);
    if (HasFatalFailure()) return;
    before = storage.log().head();
  }
}

}  // namespace
}  // namespace runledger::eventlog::test
