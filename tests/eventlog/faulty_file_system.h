// A file system for RocksDB that fails at the Nth operation of a kind: once, or from then on. A
// write that fails has written half of its bytes.
#pragma once

#include <rocksdb/env.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace runledger::eventlog::test {

enum class Operation {
  kWalAppend,
  kWalSync,
  kTableAppend,
  kTableSync,
  kManifestAppend,
  kManifestSync,
  kCreate,
  kRename,
  kDirectorySync,
};
inline constexpr int kOperations = 9;
std::string_view to_text(Operation operation);

struct Fault {
  Operation operation = Operation::kWalAppend;
  int nth = 0;           // from 1; 0: none
  bool lasting = false;  // every later one of any kind fails too, as on a full disk
  bool disk_full = false;
};

// What the file system is to do, and what it has met. Any thread.
class FaultState {
 public:
  // Operations are counted from here.
  void arm(const Fault& fault);
  // Counts the operation; whether it has to fail.
  bool strikes(Operation operation);
  bool struck() const;
  bool disk_full() const;
  int count(Operation operation) const;

 private:
  mutable std::mutex mutex_;
  Fault fault_;
  bool struck_ = false;
  std::array<int, kOperations> counts_{};
};

// The state outlives it.
std::unique_ptr<rocksdb::Env> make_faulty_env(FaultState& state);

}  // namespace runledger::eventlog::test
