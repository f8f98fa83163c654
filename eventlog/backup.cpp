#include "eventlog/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <vector>

#include "eventlog/byte_source.h"
#include "eventlog/durable_file.h"
#include "eventlog/event_log.h"
#include "eventlog/fence.h"
#include "eventlog/new_directory.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr int kBackupTriesMax = 5;
constexpr std::size_t kCopyBytes = 1024 * 1024;
constexpr std::string_view kBackupPrefix = "backup-";
constexpr std::string_view kUnfinished = "unfinished";
constexpr std::string_view kReplaced = "replaced";

bool is_table(const fs::path& file) {
  return file.extension() == ".sst";
}

// What a database needs; its messages and its lock stay behind.
bool is_needed(const fs::path& file) {
  const std::string name = file.filename().string();
  return is_table(file) || file.extension() == ".log" || name == "CURRENT" || name == "IDENTITY" ||
         name.starts_with("MANIFEST-") || name.starts_with("OPTIONS-");
}

std::set<std::string> wals_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") names.insert(entry.path().filename().string());
  }
  return names;
}

// std::filesystem's copy says "Input/output error" where the disk is full.
std::uint64_t copy_bytes(const FileDescriptor& from, const fs::path& to) {
  const auto file = open_file(to, O_WRONLY | O_CREAT | O_TRUNC);
  FileSource source(from.get());
  std::vector<char> buffer(kCopyBytes);
  std::uint64_t copied = 0;
  while (const std::size_t got = source.read(buffer)) {
    write_all(file.get(), {buffer.data(), got}, to);
    copied += got;
  }
  return copied;
}

std::uint64_t copy_bytes(const fs::path& from, const fs::path& to) {
  return copy_bytes(open_file(from, O_RDONLY), to);
}

void copy_durably(const fs::path& from, const fs::path& to) {
  copy_bytes(from, to);
  sync_file(to);
}

// The newest backup in the target, whose table files may be shared; empty if there is none.
fs::path newest_backup(const fs::path& target) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(target)) {
    if (!entry.path().filename().string().starts_with(kBackupPrefix)) continue;
    if (newest.empty() || entry.last_write_time() > fs::last_write_time(newest)) {
      newest = entry.path();
    }
  }
  return newest;
}

bool same_bytes(const fs::path& one, const fs::path& other) {
  std::ifstream a(one, std::ios::binary);
  std::ifstream b(other, std::ios::binary);
  const std::istreambuf_iterator<char> end;
  return std::equal(std::istreambuf_iterator<char>(a), end, std::istreambuf_iterator<char>(b), end);
}

// A file that was opened: it can be read to its end even if the server deletes it meanwhile.
struct Pinned {
  fs::path name;
  FileDescriptor file;

  fs::path path() const { return "/proc/self/fd/" + std::to_string(file.get()); }
};

// Table files never change, but after a restore a name may be given again to another one.
bool share(const Pinned& file, const fs::path& older, const fs::path& to) {
  if (older.empty() || !is_table(file.name)) return false;
  const fs::path candidate = older / "log" / file.name;
  std::error_code error;
  if (fs::file_size(candidate, error) != fs::file_size(file.path()) || error) return false;
  if (!same_bytes(file.path(), candidate)) return false;
  fs::create_hard_link(candidate, to, error);
  return !error;
}

class Copying {
 public:
  Copying(const DataPaths& source, fs::path older, const fs::path& to)
      : source_(source), older_(std::move(older)), to_{.root = to} {}
  // What has not been given another name is not needed; on a full disk least of all.
  ~Copying() {
    std::error_code ignored;
    fs::remove_all(to_.root, ignored);
  }
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;

  // One attempt; false if a file that may be needed was deleted meanwhile. The fence and the small
  // files are copied first and all others opened at once, the WALs last: what is read later has at
  // least what is stated by what was read before, and the copying may take as long as it takes.
  bool run() {
    fs::remove_all(to_.root);
    fs::create_directory(to_.root);
    fs::permissions(to_.root, fs::perms::owner_all);
    fs::create_directory(to_.log());
    bytes_ = 0;
    if (!pin()) return false;
    for (const Pinned& file : pinned_) copy(file);
    pinned_.clear();
    for (const auto& entry : fs::directory_iterator(to_.log())) sync_file(entry.path());
    write_durably(to_.format(), "runledger-data " + std::to_string(kDataFormat) + "\n");
    sync_directory(to_.log());
    return true;
  }

  std::uint64_t bytes() const { return bytes_; }

 private:
  bool pin() {
    pinned_.clear();
    try {
      const auto fence = read_fence(fence_file(source_.log()));
      if (fence) write_fence(fence_file(to_.log()), *fence);
      const auto wals = wals_in(source_.log());
      for (const fs::path& file : files()) {
        if (is_table(file) || file.extension() == ".log") {
          pinned_.push_back({file.filename(), open_file(file, O_RDONLY)});
        } else {
          bytes_ += copy_bytes(file, to_.log() / file.filename());
        }
      }
      const auto after = wals_in(source_.log());
      return std::includes(after.begin(), after.end(), wals.begin(), wals.end());
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::no_such_file_or_directory) return false;
      throw;
    }
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(source_.log())) {
      if (is_needed(entry.path())) found.push_back(entry.path());
    }
    const auto rank = [](const fs::path& file) {
      if (file.extension() == ".log") return 2;
      return is_table(file) ? 1 : 0;
    };
    std::sort(found.begin(), found.end(), [&](const fs::path& a, const fs::path& b) {
      return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
    });
    return found;
  }

  void copy(const Pinned& file) {
    const fs::path to = to_.log() / file.name;
    if (!share(file, older_, to)) bytes_ += copy_bytes(file.file, to);
  }

  const DataPaths& source_;
  fs::path older_;
  DataPaths to_;
  std::vector<Pinned> pinned_;
  std::uint64_t bytes_ = 0;
};

VerifyReport require_sound(const fs::path& log, const std::string& what) {
  VerifyReport report = verify_log(log, {});
  if (!report.damage) return report;
  throw LogError("Expected " + what + " to be sound, but at offset " +
                     std::to_string(report.damage->offset) + ": " + report.damage->what,
                 report.damage->offset);
}

// Two backups at the same time would write to the same unfinished one.
FileDescriptor lock_target(const fs::path& target) {
  auto lock = open_file(target, O_RDONLY | O_DIRECTORY);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) {
    throw DataDirectoryError("Another backup to " + target.string() +
                             " is under way; wait for its end");
  }
  throw std::system_error(errno, std::generic_category(), "locking " + target.string());
}

// It would be lost with what it is a backup of.
void require_outside(const fs::path& target, const fs::path& data) {
  const fs::path inner = fs::weakly_canonical(fs::absolute(target));
  const fs::path outer = fs::canonical(data);
  if (std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first != outer.end()) {
    return;
  }
  throw DataDirectoryError("Expected the backups to be kept outside of the data directory " +
                           data.string() + "; choose another target");
}

// An older backup of the same events may have other rows, or payloads that were erased since; one
// of another log is nobody's to throw away.
void require_replaceable(const fs::path& existing, const ChainHead& chain) {
  std::string has = "it has no fence file";
  try {
    const auto fence = read_fence(fence_file(DataPaths{.root = existing}.log()));
    if (fence == chain) return;
    if (fence) has = "it is of another log, with the same number of events";
  } catch (const LogError& damaged) {
    has = damaged.what();
  }
  throw DataDirectoryError("The backup " + existing.string() + " is there already, but " + has +
                           "; choose another target, or move it away");
}

// At no moment is neither of the two there; under its name, where the file system can exchange.
void put_in_place(const fs::path& made, const fs::path& place, const fs::path& replaced) {
  if (!fs::exists(place)) {
    fs::rename(made, place);
    return sync_directory(place.parent_path());
  }
  fs::path old = made;
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) != 0) {
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
      throw std::system_error(errno, std::generic_category(), "exchanging " + place.string());
    }
    fs::remove_all(replaced);
    fs::rename(place, replaced);
    fs::rename(made, place);
    old = replaced;
  }
  sync_directory(place.parent_path());
  fs::remove_all(old);
}

}  // namespace

Backup back_up(const DataPaths& source, const fs::path& target) {
  require_outside(target, source.root);
  fs::create_directories(target);
  const FileDescriptor lock = lock_target(target);
  const DataPaths unfinished{.root = target / kUnfinished};
  Copying copying(source, newest_backup(target), unfinished.root);
  std::string failure = "its files keep changing";
  for (int tries = 0; tries < kBackupTriesMax; ++tries) {
    if (!copying.run()) continue;
    Backup made;
    try {
      made.report = require_sound(unfinished.log(), "the backup of " + source.root.string());
    } catch (const LogError& error) {
      failure = error.what();  // a table file may have been deleted meanwhile, or it is damaged
      continue;
    }
    made.bytes_copied = copying.bytes();
    write_fence(fence_file(unfinished.log()), made.report.chain);
    made.directory = target / (std::string(kBackupPrefix) + std::to_string(made.report.chain.head));
    if (fs::exists(made.directory)) require_replaceable(made.directory, made.report.chain);
    put_in_place(unfinished.root, made.directory, target / kReplaced);
    return made;
  }
  throw LogError("The log in " + source.log().string() + " could not be backed up in " +
                 std::to_string(kBackupTriesMax) + " attempts: " + failure);
}

VerifyReport restore(const fs::path& backup, const fs::path& data) {
  const DataPaths source = inspect_data_directory(backup);
  NewDirectory building(data);
  const std::string name = "the backup " + backup.string();
  if (!require_sound(source.log(), name).has_fence) {
    throw LogError("Expected " + name + " to have the fence file " +
                   fence_file(source.log()).string() + ", which says how many events it had");
  }
  const DataDirectory directory(building.path());
  const DataPaths& target = directory.paths();
  fs::create_directory(target.log());
  for (const auto& entry : fs::directory_iterator(source.log())) {
    if (is_needed(entry.path())) copy_durably(entry.path(), target.log() / entry.path().filename());
  }
  sync_directory(target.log());
  copy_durably(fence_file(source.log()), fence_file(target.log()));
  sync_directory(target.root);
  VerifyReport report = require_sound(target.log(), "what was restored of " + backup.string());
  building.finish();
  return report;
}

}  // namespace runledger::eventlog
