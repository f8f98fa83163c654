// The directory that a server keeps everything in. It belongs to one process at a time.
//
//   FORMAT       says that the directory is ours, and in which version
//   LOCK         held by the process that uses it; contains its pid
//   log/         the event log
//   log.fence    how far the log has certainly been (fence.h)
//   log.key      the key that checkpoints are signed with (seal_key.h)
//   artifacts/   files that runs have made
//   staging/     files that are being received
//   scratch-*/   rows of a rebuild that is going on, or was interrupted (scratch_rows.h)
//   admin-token  the first token, for whoever can read the directory
#pragma once

#include <filesystem>
#include <stdexcept>

#include "eventlog/durable_file.h"

namespace runledger::eventlog {

// The version of the layout. Persisted: never reuse a number.
inline constexpr int kDataFormat = 1;

// The directory cannot be used; nothing in it was changed. what() says what to do about it.
class DataDirectoryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where the parts are; nothing is created by asking.
struct DataPaths {
  std::filesystem::path root;

  std::filesystem::path format() const { return root / "FORMAT"; }
  std::filesystem::path lock() const { return root / "LOCK"; }
  std::filesystem::path log() const { return root / "log"; }
  std::filesystem::path artifacts() const { return root / "artifacts"; }
  std::filesystem::path staging() const { return root / "staging"; }
  std::filesystem::path admin_token() const { return root / "admin-token"; }
};

class DataDirectory {
 public:
  // Creates it (mode 0700, parents too) if it is missing or empty; else it must be ours, of this
  // format, and not in use. Throws DataDirectoryError; std::system_error if the disk fails.
  explicit DataDirectory(const std::filesystem::path& path);

  const DataPaths& paths() const { return paths_; }

  // These two are created, mode 0700, when first asked for. Any thread.
  std::filesystem::path artifacts() const;
  std::filesystem::path staging() const;

 private:
  DataPaths paths_;
  FileDescriptor lock_;  // flock(2) lasts as long as this descriptor
};

// For reading beside a running server: checks that the directory is ours and of this format, takes
// no lock, changes nothing. Throws DataDirectoryError.
DataPaths inspect_data_directory(const std::filesystem::path& path);

}  // namespace runledger::eventlog
