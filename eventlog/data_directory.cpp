#include "eventlog/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormatWord = "runledger-data ";
constexpr std::size_t kSmallFileBytesMax = 64;
constexpr ::mode_t kPrivate = 0700;

std::string quoted(const fs::path& path) {
  return "data directory " + path.string();
}

std::string format_line(int version) {
  return std::string(kFormatWord) + std::to_string(version) + "\n";
}

void require_directory(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) return;
  if (status.type() == fs::file_type::not_found) {
    throw DataDirectoryError("Expected the " + quoted(path) + " to exist; check the path");
  }
  throw DataDirectoryError("Expected the " + quoted(path) + " to be a directory, but it is " +
                           (error ? error.message() : "a file") + "; choose another path");
}

void require_access(const fs::path& path, int access, std::string_view what) {
  if (::faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0) return;
  throw DataDirectoryError("Expected the " + quoted(path) + " to be " + std::string(what) +
                           " for this user (" + std::system_category().message(errno) +
                           "); change its owner or mode, or choose another path");
}

// Whether FORMAT is there. If it is, it must be ours and of the version that we know.
bool has_known_format(const DataPaths& paths) {
  const auto content = read_small_file(paths.format(), kSmallFileBytesMax);
  if (!content) return false;
  int version = 0;
  const char* end = content->data() + content->size();
  if (content->starts_with(kFormatWord)) {
    std::from_chars(content->data() + kFormatWord.size(), end, version);
  }
  if (version == kDataFormat && *content == format_line(version)) return true;
  if (version <= 0 || *content != format_line(version)) {
    throw DataDirectoryError("Expected the " + quoted(paths.root) +
                             " to be Runledger's, but its file FORMAT is not; choose another path");
  }
  throw DataDirectoryError("The " + quoted(paths.root) + " has format " + std::to_string(version) +
                           ", but this program reads format " + std::to_string(kDataFormat) +
                           "; use the program that wrote it");
}

// What a creation that was interrupted may have left.
bool is_own_leftover(const fs::path& name) {
  return name == "LOCK" || name == "FORMAT.tmp";
}

void require_ours_or_empty(const DataPaths& paths) {
  if (has_known_format(paths)) return;
  for (const auto& entry : fs::directory_iterator(paths.root)) {
    if (is_own_leftover(entry.path().filename())) continue;
    throw DataDirectoryError("Expected the " + quoted(paths.root) +
                             " to be empty or Runledger's, but it has " +
                             entry.path().filename().string() +
                             " and no file FORMAT; choose an empty or a new directory");
  }
}

void create_private(const fs::path& path) {
  if (path.has_parent_path() && !fs::exists(path.parent_path())) {
    create_private(path.parent_path());
  }
  if (::mkdir(path.c_str(), kPrivate) != 0 && errno != EEXIST) {
    throw DataDirectoryError("Expected to create the " + quoted(path) + ", but: " +
                             std::system_category().message(errno) + "; choose another path");
  }
  sync_directory(path.parent_path());
}

FileDescriptor take_lock(const DataPaths& paths) {
  auto lock = open_file(paths.lock(), O_RDWR | O_CREAT);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) {
    throw std::system_error(errno, std::generic_category(), "locking " + paths.lock().string());
  }
  std::string pid = read_small_file(paths.lock(), kSmallFileBytesMax).value_or("");
  while (pid.ends_with('\n')) pid.pop_back();
  throw DataDirectoryError("The " + quoted(paths.root) + " is in use by process " +
                           (pid.empty() ? "(not named yet)" : pid) +
                           "; stop it, or choose another path");
}

void write_pid(const FileDescriptor& lock, const DataPaths& paths) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  const auto bytes = static_cast<::ssize_t>(pid.size());
  if (::ftruncate(lock.get(), 0) == 0 && ::pwrite(lock.get(), pid.data(), pid.size(), 0) == bytes) {
    return;
  }
  throw std::system_error(errno, std::generic_category(), "writing " + paths.lock().string());
}

}  // namespace

DataDirectory::DataDirectory(const fs::path& path) {
  paths_.root = fs::absolute(path).lexically_normal();
  if (!paths_.root.has_filename()) paths_.root = paths_.root.parent_path();
  std::error_code error;
  if (fs::status(paths_.root, error).type() == fs::file_type::not_found) {
    create_private(paths_.root);
  }
  require_directory(paths_.root);
  require_access(paths_.root, R_OK | W_OK | X_OK, "readable and writable");
  require_ours_or_empty(paths_);

  lock_ = take_lock(paths_);
  write_pid(lock_, paths_);
  // Asked again: another process may have created the directory before we got the lock.
  require_ours_or_empty(paths_);
  if (!has_known_format(paths_)) {
    fs::permissions(paths_.root, fs::perms::owner_all);
    write_durably(paths_.format(), format_line(kDataFormat));
  }
}

fs::path DataDirectory::artifacts() const {
  create_private(paths_.artifacts());
  return paths_.artifacts();
}

fs::path DataDirectory::staging() const {
  create_private(paths_.staging());
  return paths_.staging();
}

DataPaths inspect_data_directory(const fs::path& path) {
  require_directory(path);
  require_access(path, R_OK | X_OK, "readable");
  const DataPaths paths{.root = path};
  if (has_known_format(paths)) return paths;
  throw DataDirectoryError("Expected the " + quoted(path) +
                           " to be Runledger's, but it has no file FORMAT; check the path");
}

}  // namespace runledger::eventlog
