// A Storage in one RocksDB: each commit is one WriteBatch, synced before it returns. The files are
// described in eventlog/README.md; beside its directory stand the fence file and the key that
// checkpoints are signed with. One thread commits; any thread reads, before, during and after.
// A visitor may call back into the storage. The storage outlives every read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "eventlog/checkpoint.h"
#include "eventlog/random_bytes.h"
#include "eventlog/storage.h"

namespace rocksdb {
class Env;
}

namespace runledger::eventlog {

// Streams whose heads the appending thread remembers; each costs about 150 bytes.
inline constexpr std::size_t kStreamHeadsCachedMax = 65'536;
// Records at the log's end that an open reads and checks in full.
inline constexpr std::size_t kTailCheckedRecords = 10'000;

// How far back after a crash the loss of whole files may go unnoticed: the first while commits go
// on, the second when none has been made for that long.
inline constexpr std::uint32_t kFenceIntervalMs = 500;
inline constexpr std::uint32_t kFencePauseMs = 20;
inline constexpr std::uint32_t kCheckpointCommitsMax = 10'000;
inline constexpr std::int64_t kCheckpointIntervalUs = 60'000'000;

std::int64_t system_now_us();  // microseconds since 1970, UTC

struct RocksDbOptions {
  std::size_t stream_heads_cached_max = kStreamHeadsCachedMax;
  std::size_t tail_checked_records = kTailCheckedRecords;
  std::size_t wal_bytes_max = 24 * 1024 * 1024;      // a restart replays the WAL
  std::size_t write_buffer_bytes = 8 * 1024 * 1024;  // of each column family
  std::size_t block_cache_bytes = 64 * 1024 * 1024;
  int open_files_max = 512;
  std::uint32_t fence_interval_ms = kFenceIntervalMs;
  std::uint32_t fence_pause_ms = kFencePauseMs;
  // A commit carries a checkpoint of the one before it after that many, or after that time.
  std::uint32_t checkpoint_commits_max = kCheckpointCommitsMax;
  std::int64_t checkpoint_interval_us = kCheckpointIntervalUs;
  // Opens a log that has lost events, or its fence, if this is exactly how many it has. For a
  // person who has read the refusal, which names the number.
  std::optional<Offset> accept_data_loss = std::nullopt;
  FillRandom fill_random = fill_from_kernel;
  std::function<std::int64_t()> now_us = system_now_us;
  // Called at the first write that fails: of a commit, of RocksDB's own threads, of the fence. By
  // the thread that met it, once; it must neither call the storage nor wait. Nothing is written
  // after it; what was acknowledged is there after a reopen, by a new process: the database is
  // left open and unflushed, also by the destructor.
  std::function<void(const std::string& reason)> on_failure = nullptr;
  // For tests that inject faults; outlives the storage, and after a failure everything.
  rocksdb::Env* env = nullptr;
};

class RocksDbStorage final : public Storage {
 public:
  // Creates the database in a directory that is missing or empty (its parent exists). Throws
  // LogError if it cannot be opened, is in use by another process, or its records are not as they
  // must be, or end before the fence says that they were; LogIoError if the disk fails.
  explicit RocksDbStorage(const std::filesystem::path& directory,
                          const RocksDbOptions& options = {});
  ~RocksDbStorage() override;

  EventLog& log() override;
  const EventLog& log() const override;
  const RowStore& rows() const override;
  std::vector<AppendResult> commit(std::span<const StreamAppend> items,
                                   std::span<const RowChange> rows) override;
  void commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) override;
  void reset_rows() override;
  Offset rows_offset() const override;

  // Removes the payloads of these events for good, durably; the seal stays verifiable. They are
  // below head(). Older table files hold the bytes until they are merged. Of the committing thread.
  // Throws LogError.
  void erase_payloads(std::span<const Offset> offsets);

  // The chain up to the last durable commit. Any thread.
  ChainHead chain() const;
  // A checkpoint of it, signed now; nullopt for an empty log. Any thread.
  std::optional<Checkpoint> checkpoint() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The storage as it is at some moment during the call, for reading only; nothing in the directory
// is changed. A server may be writing it: all that was acknowledged before the call is seen, what
// is committed later is not. Throws LogError as above, and if the files keep changing too fast.
std::unique_ptr<const Storage> open_read_only(const std::filesystem::path& directory,
                                              const RocksDbOptions& options = {});

}  // namespace runledger::eventlog
