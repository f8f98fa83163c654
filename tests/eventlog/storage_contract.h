// The implementations that every contract test of Storage runs against.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "eventlog/memory_storage.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {

struct InMemory {
  std::unique_ptr<Storage> storage = std::make_unique<MemoryStorage>();
};

struct InRocksDb {
  TempDir directory;
  std::unique_ptr<Storage> storage = std::make_unique<RocksDbStorage>(directory / "log");
};

// A cache of one stream, so that nearly every head is looked up in the database.
struct InRocksDbWithSmallCache {
  TempDir directory;
  RocksDbOptions options{.stream_heads_cached_max = 1, .env = nullptr};
  std::unique_ptr<Storage> storage = std::make_unique<RocksDbStorage>(directory / "log", options);
};

using StorageKinds = ::testing::Types<InMemory, InRocksDb, InRocksDbWithSmallCache>;

struct StorageKindNames {
  template <typename T>
  static std::string GetName(int) {
    if (std::is_same_v<T, InMemory>) return "Memory";
    return std::is_same_v<T, InRocksDb> ? "RocksDb" : "RocksDbSmallCache";
  }
};

template <typename Kind>
class StorageContract : public ::testing::Test {
 protected:
  Storage& storage() { return *kind_.storage; }
  EventLog& log() { return storage().log(); }
  const RowStore& rows() { return storage().rows(); }

  void change_rows(std::vector<RowChange> rows) {
    storage().commit_rows(rows, storage().log().head());
  }

 private:
  Kind kind_;
};

}  // namespace runledger::eventlog::test
