// The log and its floors: things that take the same groups of commands durably. One thread at a
// time. Failures throw.
#pragma once

#include <filesystem>
#include <memory>

#include "eventlog/bench/workload.h"

namespace runledger::eventlog::bench {

class Writer {
 public:
  virtual ~Writer() = default;
  // Returns when the group is durable.
  virtual void write(const Group& group) = 0;
};

// Floor: the records' bytes appended to a file, and fdatasync.
std::unique_ptr<Writer> file_writer(const std::filesystem::path& file);
// Floor: rows of the same number and sizes in a RocksDB set up alike, with nothing checked, hashed
// or remembered.
std::unique_ptr<Writer> bare_rocksdb_writer(const std::filesystem::path& directory);
// The parts of the log's commit put together without the seal: no salts, no hashes, no commit row,
// no fence. What the log takes longer is what the seal costs.
std::unique_ptr<Writer> unsealed_writer(const std::filesystem::path& directory);
// The log as it is.
std::unique_ptr<Writer> log_writer(const std::filesystem::path& directory);

}  // namespace runledger::eventlog::bench
