// Power cuts while a process appends: what the disk had not been given is gone, and everything that
// was acknowledged is there after the reopen.
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <random>

#include "eventlog/rocksdb_storage.h"
#include "eventlog/verify.h"
#include "tests/eventlog/appending_process.h"
#include "tests/eventlog/mounted_file_system.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

constexpr int kCuts = 20;
constexpr std::uint64_t kSeed = 1859;
constexpr std::uint64_t kDiskBytes = 96 * 1024 * 1024;

TEST(PowerCut, LosesNothingAcknowledged) {
  TempDir directory;
  auto disk = MountedFileSystem::on_disk(directory / "mnt", directory / "image", kDiskBytes);
  const auto log = directory / "mnt/log";
  std::mt19937_64 random(kSeed);
  Offset before = 0;
  int in_flight = 0;
  for (int cut = 0; cut < kCuts; ++cut) {
    SCOPED_TRACE("cut " + std::to_string(cut) + " of seed " + std::to_string(kSeed));
    AppendingProcess child(log);
    child.read_acknowledgements(1 + static_cast<int>(random() % 300));
    child.send(SIGSTOP);
    disk.cut_power();
    const Offset acknowledged = child.kill_and_drain();
    ASSERT_GT(acknowledged, before);
    disk.mount_again();
    ASSERT_FALSE(verify_log(log, {}).damage);
    const RocksDbStorage storage(log);
    // The one in flight may be there or not.
    ASSERT_GE(storage.log().head(), acknowledged);
    ASSERT_LE(storage.log().head(), acknowledged + 1);
    expect_appended_by_child(storage);
    if (HasFatalFailure()) return;
    before = storage.log().head();
    in_flight += before > acknowledged;
  }
  std::cout << kCuts << " cuts, " << before << " events, none lost that was acknowledged; "
            << in_flight << " times the one in flight was there too\n";
}

}  // namespace
}  // namespace runledger::eventlog::test
