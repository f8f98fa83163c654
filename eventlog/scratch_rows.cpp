#include "eventlog/scratch_rows.h"

#include <fcntl.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>
#include <sys/file.h>

#include <system_error>

#include "eventlog/durable_file.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_rows.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

constexpr std::string_view kName = "scratch-";
constexpr const char* kLock = "IN-USE";
constexpr std::size_t kWriteBufferBytes = 32 * 1024 * 1024;

// Held for as long as the directory is used; the kernel lets go of it when the process ends.
bool take_lock(const FileDescriptor& lock) {
  return ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

void remove_leftovers(const fs::path& parent) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(parent)) {
    if (entry.is_directory() && entry.path().filename().string().starts_with(kName)) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& directory : found) {
    const FileDescriptor lock(::open((directory / kLock).c_str(), O_RDWR | O_CLOEXEC));
    if (lock.get() >= 0 && !take_lock(lock)) continue;  // somebody is at work there
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
}

struct OwnDirectory {
  fs::path path;
  FileDescriptor lock;
};

// One process at a time looks for leftovers: a directory that is new has no lock yet.
OwnDirectory make_directory(const fs::path& parent) {
  const FileDescriptor turn = open_file(parent, O_RDONLY | O_DIRECTORY);
  if (::flock(turn.get(), LOCK_EX) != 0) fail("locking " + parent.string());
  remove_leftovers(parent);
  std::string name = (parent / kName).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) fail("making a directory in " + parent.string());
  OwnDirectory made{name, open_file(fs::path(name) / kLock, O_RDWR | O_CREAT)};
  if (!take_lock(made.lock)) fail("locking " + name);
  return made;
}

RocksDbOptions scratch_options() {
  RocksDbOptions options;
  options.write_buffer_bytes = kWriteBufferBytes;
  return options;
}

}  // namespace

struct ScratchRows::Impl {
  explicit Impl(const fs::path& parent) : own(make_directory(parent)) {
    try {
      database = std::make_unique<Database>(own.path / "rows", scratch_options(),
                                            Database::Mode::kReadWrite);
      rows = std::make_unique<RocksDbRows>(*database);
    } catch (...) {
      remove();
      throw;
    }
  }
  ~Impl() { remove(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void remove() {
    rows.reset();
    database.reset();
    std::error_code ignored;
    fs::remove_all(own.path, ignored);
  }

  OwnDirectory own;
  std::unique_ptr<Database> database;
  std::unique_ptr<RocksDbRows> rows;
};

ScratchRows::ScratchRows(const fs::path& parent) : impl_(std::make_unique<Impl>(parent)) {}
ScratchRows::~ScratchRows() = default;

const RowStore& ScratchRows::rows() const {
  return *impl_->rows;
}

const fs::path& ScratchRows::directory() const {
  return impl_->own.path;
}

void ScratchRows::put(std::span<const RowChange> changes) {
  rocksdb::WriteBatch batch;
  for (const RowChange& change : changes) {
    if (change.value) {
      batch.Put(impl_->database->rows(), change.key, *change.value);
    } else {
      batch.Delete(impl_->database->rows(), change.key);
    }
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  require_ok(impl_->database->db().Write(options, &batch), "writing scratch rows",
             impl_->database->name());
}

}  // namespace runledger::eventlog
