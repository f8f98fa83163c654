#include "eventlog/bench/writers.h"

#include <fcntl.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "eventlog/append_plan.h"
#include "eventlog/commit_row.h"
#include "eventlog/durable_file.h"
#include "eventlog/keys.h"
#include "eventlog/log_position.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/stream_heads.h"

namespace runledger::eventlog::bench {
namespace {

namespace fs = std::filesystem;

void write_synced(const Database& database, rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  require_ok(database.db().Write(options, &batch), "writing", database.name());
}

class FileWriter final : public Writer {
 public:
  explicit FileWriter(const fs::path& file) : fd_(open_file(file, O_WRONLY | O_CREAT | O_APPEND)) {}

  void write(const Group& group) override {
    bytes_.clear();
    for (const auto& item : group.items) {
      encode_record(0, item.stream, item.expected_idx, item.events[0], Salt{}, bytes_);
    }
    const auto written = ::write(fd_.get(), bytes_.data(), bytes_.size());
    if (written != static_cast<::ssize_t>(bytes_.size()) || ::fdatasync(fd_.get()) != 0) {
      throw std::system_error(errno, std::generic_category(), "writing the floor's file");
    }
  }

 private:
  FileDescriptor fd_;
  std::string bytes_;
};

class BareRocksDbWriter final : public Writer {
 public:
  explicit BareRocksDbWriter(const fs::path& directory)
      : database_(directory, {}, Database::Mode::kReadWrite) {}

  void write(const Group& group) override {
    rocksdb::WriteBatch batch;
    for (const auto& item : group.items) {
      bytes_.clear();
      encode_record(head_, item.stream, item.expected_idx, item.events[0], Salt{}, bytes_);
      batch.Put(database_.log(), log_key(head_), bytes_);
      batch.Put(database_.streams(), stream_key(item.stream, item.expected_idx),
                stream_value(head_));
      ++head_;
    }
    for (const auto& row : group.rows) batch.Put(database_.rows(), row.key, *row.value);
    batch.Put(database_.commits(), log_key(head_ - 1), encode_commit_row({1, {}}));
    batch.Put(database_.meta(), slice(kLogPositionKey), encode_position({head_, head_}));
    write_synced(database_, batch);
  }

 private:
  Database database_;
  Offset head_ = 0;
  std::string bytes_;
};

class UnsealedWriter final : public Writer {
 public:
  explicit UnsealedWriter(const fs::path& directory)
      : database_(directory, {}, Database::Mode::kReadWrite),
        stream_heads_(kStreamHeadsCachedMax) {}

  void write(const Group& group) override {
    const AppendPlan plan = plan_append(group.items, head_, [this](std::string_view stream) {
      return stream_heads_.find(stream).value_or(0);
    });
    if (plan.conflict) throw LogError("The workload does not fit what was written before");
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < group.items.size(); ++i)
      put(group.items[i], plan.results[i], batch);
    for (const auto& row : group.rows) batch.Put(database_.rows(), row.key, *row.value);
    batch.Put(database_.meta(), slice(kLogPositionKey), encode_position({plan.head, plan.head}));
    write_synced(database_, batch);
    head_ = plan.head;
    for (const auto& [stream, stream_head] : plan.stream_heads) {
      stream_heads_.put(stream, stream_head);
    }
  }

 private:
  void put(const StreamAppend& item, const AppendResult& result, rocksdb::WriteBatch& batch) {
    bytes_.clear();
    encode_record(result.first_offset, item.stream, item.expected_idx, item.events[0], Salt{},
                  bytes_);
    batch.Put(database_.log(), log_key(result.first_offset), bytes_);
    batch.Put(database_.streams(), stream_key(item.stream, item.expected_idx),
              stream_value(result.first_offset));
  }

  Database database_;
  StreamHeads stream_heads_;
  Offset head_ = 0;
  std::string bytes_;
};

class LogWriter final : public Writer {
 public:
  explicit LogWriter(const fs::path& directory) : storage_(directory) {}

  void write(const Group& group) override {
    const auto results = storage_.commit(group.items, group.rows);
    if (results.at(0).status == AppendStatus::kAppended) return;
    throw LogError("The log did not take a group: " + results[0].detail);
  }

 private:
  RocksDbStorage storage_;
};

}  // namespace

std::unique_ptr<Writer> file_writer(const fs::path& file) {
  return std::make_unique<FileWriter>(file);
}

std::unique_ptr<Writer> bare_rocksdb_writer(const fs::path& directory) {
  return std::make_unique<BareRocksDbWriter>(directory);
}

std::unique_ptr<Writer> unsealed_writer(const fs::path& directory) {
  return std::make_unique<UnsealedWriter>(directory);
}

std::unique_ptr<Writer> log_writer(const fs::path& directory) {
  return std::make_unique<LogWriter>(directory);
}

}  // namespace runledger::eventlog::bench
