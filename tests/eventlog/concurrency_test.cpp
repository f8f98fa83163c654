// Readers on other threads, and other opens of the same files, while one thread commits.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/storage_contract.h"

namespace runledger::eventlog::test {
namespace {

constexpr int kStreams = 5;

std::string stream_name(Offset offset) {
  return "s" + std::to_string(offset % kStreams);
}

// Large enough to fill small write buffers at once.
std::string payload_of(Offset offset) {
  return std::to_string(offset) + std::string(4000, '.');
}

// The record at each offset says in its payload which one it is, and so does the row "head".
void commit_next(Storage& storage) {
  const Offset at = storage.log().head();
  const std::vector items = {item(stream_name(at), at / kStreams, {event(payload_of(at))})};
  const std::vector<RowChange> rows = {{"head", std::to_string(at + 1)}};
  ASSERT_EQ(storage.commit(items, rows).at(0).status, AppendStatus::kAppended);
}

// Everything below the head that was seen before is there, in order.
void expect_consistent(const Storage& storage, Offset from) {
  const Offset head = storage.log().head();
  const auto row = storage.rows().get("head");
  if (head > 0) {
    ASSERT_TRUE(row);
    EXPECT_GE(std::stoull(*row), head);
  }
  Offset next = from;
  storage.log().read(from, [&](const RecordView& record) {
    EXPECT_EQ(record.offset, next);
    EXPECT_EQ(record.payload, payload_of(next));
    ++next;
    return true;
  });
  EXPECT_GE(next, head);
  StreamIndex idx = from / kStreams;
  storage.log().read_stream("s0", idx, [&](const RecordView& record) {
    EXPECT_EQ(record.offset, idx * kStreams);
    ++idx;
    return true;
  });
  EXPECT_GE(idx, (head + kStreams - 1) / kStreams);
  EXPECT_GE(storage.log().stream_head("s0"), idx);
}

template <typename Kind>
class ConcurrentReads : public StorageContract<Kind> {};
TYPED_TEST_SUITE(ConcurrentReads, StorageKinds, StorageKindNames);

TYPED_TEST(ConcurrentReads, SeeAWholePrefixWhileTheLogGrows) {
  constexpr int kReaders = 3;
  constexpr Offset kCommits = 600;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&](const std::stop_token& stop) {
        Offset seen = 0;
        while (!stop.stop_requested()) {
          const Offset head = this->storage().log().head();
          expect_consistent(this->storage(), seen / kStreams * kStreams);
          seen = head;
        }
      });
    }
    for (Offset i = 0; i < kCommits; ++i) commit_next(this->storage());
  }
  EXPECT_EQ(this->log().head(), kCommits);
  expect_consistent(this->storage(), 0);
}

TEST(ReadOnly, SeesAllThatWasAcknowledgedWhileTheWriterLives) {
  TempDir directory;
  History history(8);
  RocksDbStorage writer(directory / "log");
  for (int round = 0; round < 5; ++round) {
    history.commit(writer, 20);
    history.expect_complete(*open_read_only(directory / "log"));
  }
}

TEST(ReadOnly, SeesAllAfterTheWriterStopped) {
  TempDir directory;
  History history(9);
  {
    RocksDbStorage writer(directory / "log");
    history.commit(writer, 50);
  }
  history.expect_complete(*open_read_only(directory / "log"));
}

TEST(ReadOnly, KeepsItsMomentWhileTheWriterGoesOn) {
  TempDir directory;
  RocksDbStorage writer(directory / "log");
  append_one(writer, "a", "1");
  const auto reader = open_read_only(directory / "log");
  append_one(writer, "a", "2");
  EXPECT_EQ(reader->log().head(), 1u);
  EXPECT_EQ(reader->log().stream_head("a"), 1u);
  EXPECT_EQ(read_all(*reader).size(), 1u);
  EXPECT_EQ(open_read_only(directory / "log")->log().head(), 2u);
}

// Buffers so small that table and WAL files come and go all the time.
TEST(ReadOnly, SeesAllWhileFilesAreReplaced) {
  TempDir directory;
  RocksDbOptions options;
  options.write_buffer_bytes = 256 * 1024;
  RocksDbStorage writer(directory / "log", options);
  commit_next(writer);
  std::atomic<Offset> acknowledged = 1;
  const std::jthread committing([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      commit_next(writer);
      acknowledged = writer.log().head();
    }
  });
  for (int i = 0; i < 40; ++i) {
    const Offset at_least = acknowledged;
    const auto reader = open_read_only(directory / "log");
    EXPECT_GE(reader->log().head(), at_least);
    expect_consistent(*reader, 0);
  }
}

TEST(ReadOnly, ChangesNoFile) {
  TempDir directory;
  RocksDbStorage writer(directory / "log");
  append_one(writer, "a", "1");
  const auto listing = [&] {
    std::map<std::string, std::uintmax_t> sizes;
    for (const auto& file : files_with(directory / "log", "")) {
      sizes[file.filename().string()] = std::filesystem::file_size(file);
    }
    return sizes;
  };
  const auto before = listing();
  EXPECT_EQ(open_read_only(directory / "log")->log().head(), 1u);
  EXPECT_EQ(listing(), before);
}

TEST(ReadOnly, RefusesADirectoryWithoutALog) {
  TempDir directory;
  EXPECT_THROW(open_read_only(directory / "missing"), LogError);
  EXPECT_THROW(open_read_only(directory.path()), LogError);
  EXPECT_TRUE(files_with(directory.path(), "").empty());
}

}  // namespace
}  // namespace runledger::eventlog::test
