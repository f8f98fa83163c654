#include "eventlog/backup.h"

#include <fcntl.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <vector>

#include "eventlog/durable_file.h"
#include "eventlog/event_log.h"
#include "eventlog/fence.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr int kBackupTriesMax = 5;
constexpr std::string_view kBackupPrefix = "backup-";
constexpr std::string_view kUnfinished = "unfinished";

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

std::uint64_t copy_bytes(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  return fs::file_size(to);
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

  // One attempt; false if a file that may be needed was deleted meanwhile. The fence and the small
  // files are copied first and all others opened at once, the WALs last: what is read later has at
  // least what is stated by what was read before, and the copying may take as long as it takes.
  bool run() {
    fs::remove_all(to_.root);
    fs::create_directories(to_.log());
    fs::permissions(to_.root, fs::perms::owner_all);
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
    if (!share(file, older_, to)) bytes_ += copy_bytes(file.path(), to);
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

}  // namespace

Backup back_up(const DataPaths& source, const fs::path& target) {
  fs::create_directories(target);
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
    fs::remove_all(made.directory);
    fs::rename(unfinished.root, made.directory);
    sync_directory(target);
    return made;
  }
  fs::remove_all(unfinished.root);
  throw LogError("The log in " + source.log().string() + " could not be backed up in " +
                 std::to_string(kBackupTriesMax) + " attempts: " + failure);
}

VerifyReport restore(const fs::path& backup, const fs::path& data) {
  const DataPaths source = inspect_data_directory(backup);
  require_sound(source.log(), "the backup " + backup.string());
  const DataDirectory directory(data);
  const DataPaths& target = directory.paths();
  if (fs::exists(target.log())) {
    throw DataDirectoryError("Expected no log in " + target.root.string() +
                             "; restore to a new directory");
  }
  fs::create_directory(target.log());
  for (const auto& entry : fs::directory_iterator(source.log())) {
    copy_durably(entry.path(), target.log() / entry.path().filename());
  }
  sync_directory(target.log());
  copy_durably(fence_file(source.log()), fence_file(target.log()));
  sync_directory(target.root);
  return require_sound(target.log(), "the restored log in " + target.root.string());
}

}  // namespace runledger::eventlog
