// Rows that are needed for a while only: a RocksDB without a WAL in a directory of its own within
// another, removed at the end. Not durable. One thread changes them; any thread reads.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "eventlog/row_store.h"

namespace runledger::eventlog {

class ScratchRows {
 public:
  // Makes parent/scratch-XXXXXX, and removes those that processes which have ended left there.
  // Throws std::system_error or LogError.
  explicit ScratchRows(const std::filesystem::path& parent);
  ~ScratchRows();

  const RowStore& rows() const;
  void put(std::span<const RowChange> changes);  // throws LogError
  const std::filesystem::path& directory() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::eventlog
