// faulty_child <directory> <operation> <nth> <lasting> <disk full> <from the open on> <unwinds>:
// appends until its file system fails at that operation, and after each acknowledgement writes the
// new head (8 bytes) to stdout. disk_fault_test.cpp reads them and looks at how it ends: an _exit
// code below, by a signal if RocksDB runs into an assertion.
#include "tests/eventlog/faulty_child.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/faulty_file_system.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

constexpr int kCommitsMax = 400;
constexpr int kTriesAfterFailure = 5;
constexpr unsigned kSecondsMax = 60;

std::atomic<int> failures_told = 0;

RocksDbOptions small_files(rocksdb::Env* env) {
  RocksDbOptions options;
  options.env = env;
  options.write_buffer_bytes = 64 * 1024;
  options.wal_bytes_max = 64 * 1024;
  options.checkpoint_commits_max = 50;
  options.on_failure = [](const std::string& reason) {
    std::cerr << reason << std::endl;
    ++failures_told;
  };
  return options;
}

// Two events in two streams, and a row: one commit.
AppendResult commit(RocksDbStorage& storage) {
  const Offset at = storage.log().head();
  std::vector<StreamAppend> items;
  for (Offset offset = at; offset < at + 2; ++offset) {
    const std::string stream = faulty_child_stream(offset);
    items.push_back(
        item(stream, storage.log().stream_head(stream), {event(faulty_child_payload(offset))}));
  }
  const std::vector<RowChange> rows = {{"head", std::to_string(at + 2)}};
  return storage.commit(items, rows).at(0);
}

void acknowledge(Offset head) {
  if (::write(STDOUT_FILENO, &head, sizeof head) != sizeof head) ::_exit(kChildBroken);
}

// After the failure: everything is answered with it, and nothing reaches the disk from here.
void require_silence(RocksDbStorage& storage, const FaultState& state, const std::string& reason) {
  while (failures_told == 0) std::this_thread::yield();  // another thread may be telling it
  const int writes = state.count(Operation::kWalAppend) + state.count(Operation::kWalSync);
  for (int i = 0; i < kTriesAfterFailure; ++i) {
    const AppendResult result = commit(storage);
    if (result.status != AppendStatus::kUnknown || result.detail != reason) ::_exit(kChildBroken);
  }
  if (state.count(Operation::kWalAppend) + state.count(Operation::kWalSync) != writes ||
      failures_told != 1) {
    ::_exit(kChildBroken);
  }
}

int run(const std::string& directory, const Fault& fault, bool from_open, bool unwinds) {
  FaultState state;
  const auto env = make_faulty_env(state);
  if (from_open) state.arm(fault);
  std::unique_ptr<RocksDbStorage> storage;
  try {
    storage = std::make_unique<RocksDbStorage>(directory, small_files(env.get()));
  } catch (const LogIoError& refused) {
    std::cerr << refused.what() << std::endl;
    return kChildDidNotOpen;
  }
  if (!from_open) state.arm(fault);
  for (int i = 0; i < kCommitsMax; ++i) {
    const AppendResult result = commit(*storage);
    if (result.status == AppendStatus::kUnknown) {
      require_silence(*storage, state, result.detail);
      if (unwinds) storage.reset();
      ::_exit(kChildFailed);
    }
    if (result.status != AppendStatus::kAppended) return kChildBroken;
    acknowledge(storage->log().head());
  }
  storage.reset();
  ::_exit(failures_told == 0 ? kChildFinished : kChildFailed);
}

}  // namespace
}  // namespace runledger::eventlog::test

int main(int argc, char** argv) {
  using namespace runledger::eventlog::test;
  if (argc != 8) return kChildBroken;
  ::alarm(kSecondsMax);
  Fault fault;
  fault.operation = static_cast<Operation>(std::atoi(argv[2]));
  fault.nth = std::atoi(argv[3]);
  fault.lasting = std::atoi(argv[4]) != 0;
  fault.disk_full = std::atoi(argv[5]) != 0;
  return run(argv[1], fault, std::atoi(argv[6]) != 0, std::atoi(argv[7]) != 0);
}
