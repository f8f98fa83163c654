#include "eventlog/read_only_database.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <string>

#include "eventlog/wal_check.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr int kReadOnlyTriesMax = 300;

// What tells whether a server replaced files that an open needed while it went on.
struct FileState {
  std::map<std::string, std::uintmax_t> manifests;  // sizes; they grow before a file is deleted
  std::set<std::string> wals;
};

FileState file_state(const fs::path& directory) {
  FileState state;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("MANIFEST-")) state.manifests[name] = entry.file_size(error);
    if (name.ends_with(".log")) state.wals.insert(name);
  }
  return state;
}

}  // namespace

// An open reads the MANIFEST first and the WALs last. If a WAL was deleted in between, its commits
// were in neither, and nobody says so: hence the comparison of before and after. A table file that
// was deleted makes the open fail; that is final only if the MANIFEST is still as it was.
std::unique_ptr<Database> open_stable(const fs::path& directory, const RocksDbOptions& options) {
  std::string failure = "its files keep changing";
  std::exception_ptr refusal;  // it knows whether the disk failed, and the offset
  for (int tries = 0; tries < kReadOnlyTriesMax; ++tries) {
    const FileState before = file_state(directory);
    // Nothing comes behind a torn end.
    const auto mode = check_wals(directory) ? Database::Mode::kSalvage : Database::Mode::kReadOnly;
    std::unique_ptr<Database> database;
    try {
      database = std::make_unique<Database>(directory, options, mode);
    } catch (const LogError& error) {
      failure = error.what();
      refusal = std::current_exception();
    }
    const FileState after = file_state(directory);
    if (database && std::includes(after.wals.begin(), after.wals.end(), before.wals.begin(),
                                  before.wals.end())) {
      return database;
    }
    if (!database && after.manifests == before.manifests) std::rethrow_exception(refusal);
  }
  throw LogError("The log in " + directory.string() + " was replaced under " +
                 std::to_string(kReadOnlyTriesMax) + " attempts to read it (" + failure +
                 "); try again when the server is less busy");
}

}  // namespace runledger::eventlog
