#include "eventlog/new_directory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "eventlog/data_directory.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY;

fs::path require_new(const fs::path& wanted) {
  fs::path target = fs::absolute(wanted).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  if (!fs::is_directory(target.parent_path())) {
    throw DataDirectoryError("Expected the directory " + target.parent_path().string() +
                             " to exist; check the path");
  }
  if (fs::exists(fs::symlink_status(target)) &&
      !(fs::is_directory(fs::symlink_status(target)) && fs::is_empty(target))) {
    throw DataDirectoryError("Expected " + target.string() +
                             " not to exist, or to be an empty directory; choose a new one");
  }
  return target;
}

std::string unfinished_name(const fs::path& target) {
  return "." + target.filename().string() + ".unfinished-";
}

// Those that nobody holds the lock of.
void remove_leftovers(const fs::path& target) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(target.parent_path())) {
    const bool ours = entry.path().filename().string().starts_with(unfinished_name(target));
    if (ours && entry.is_directory() && !entry.is_symlink()) found.push_back(entry.path());
  }
  for (const fs::path& directory : found) {
    const FileDescriptor lock(::open(directory.c_str(), kDirectoryFlags | O_CLOEXEC));
    if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
}

}  // namespace

NewDirectory::NewDirectory(const fs::path& target) : target_(require_new(target)) {
  // One process at a time looks for leftovers: a directory that is new has no lock yet. The parent
  // may be everybody's, so nobody waits for who keeps it locked; leftovers then stay for the next.
  const fs::path parent = target_.parent_path();
  const FileDescriptor turn = open_file(parent, kDirectoryFlags);
  if (::flock(turn.get(), LOCK_EX | LOCK_NB) == 0) remove_leftovers(target_);
  std::string pattern = (parent / (unfinished_name(target_) + "XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw DataDirectoryError("Expected to create a directory in " + parent.string() + ", but: " +
                             std::system_category().message(errno) + "; choose another path");
  }
  path_ = pattern;
  lock_ = open_file(path_, kDirectoryFlags);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw std::system_error(errno, std::generic_category(), "locking " + path_.string());
  }
}

NewDirectory::~NewDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void NewDirectory::finish() {
  fs::rename(path_, target_);
  path_.clear();
  sync_directory(target_.parent_path());
}

}  // namespace runledger::eventlog
