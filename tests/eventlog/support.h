// What the tests of the event log share: temporary directories, short ways to append and to read
// all, a random history with its shadow, and a small language to damage files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/memory_storage.h"
#include "eventlog/storage.h"

namespace runledger::eventlog::test {

// A new directory, removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// A record that owns its bytes.
struct Stored {
  Offset offset = 0;
  StreamIndex idx = 0;
  std::int64_t time_us = 0;
  std::uint16_t version = 0;
  std::string stream, tenant, owner, type, actor, command_id, payload;

  Stored() = default;
  explicit Stored(const RecordView& record);
  bool operator==(const Stored&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Stored& record);

using RowMap = std::map<std::string, std::string>;

NewEvent event(std::string payload);
StreamAppend item(std::string stream, StreamIndex expected_idx, std::vector<NewEvent> events);
// One event appended at the stream's head; fails the test if it is not taken.
AppendResult append_one(Storage& storage, const std::string& stream, const std::string& payload);

std::vector<Stored> read_all(const Storage& storage, Offset from = 0);
std::vector<Stored> read_stream(const Storage& storage, std::string_view stream,
                                StreamIndex from = 0);
RowMap read_rows(const Storage& storage);

// Commits at random, the same to a storage and to a shadow in memory. Every read of the storage can
// then be compared with what the shadow had after some commit.
class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) { remember(); }

  void commit(Storage& storage, int times = 1);
  std::size_t commits() const { return moments_.size() - 1; }

  // The storage is exactly what it was after one of the commits, that one or a later.
  void expect_state_since(const Storage& storage, std::size_t commits_min) const;
  void expect_complete(const Storage& storage) const { expect_state_since(storage, commits()); }

 private:
  struct Moment {
    Offset head = 0;
    RowMap rows;
  };

  void remember();

  std::mt19937_64 random_;
  MemoryStorage shadow_;
  std::vector<Moment> moments_;
};

// Files of a database.
std::vector<std::filesystem::path> files_with(const std::filesystem::path& directory,
                                              std::string_view part_of_name);
std::filesystem::path newest_wal(const std::filesystem::path& directory);
// The files as a killed process would leave them, the fence included; the storage in `from` may be
// open, but is idle.
void copy_as_crashed(const std::filesystem::path& from, const std::filesystem::path& to);
void flip(const std::filesystem::path& file, std::uintmax_t at, unsigned char mask);
void cut_end(const std::filesystem::path& file, std::uintmax_t bytes);

}  // namespace runledger::eventlog::test
