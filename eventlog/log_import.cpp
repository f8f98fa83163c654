#include "eventlog/log_import.h"

#include <stdlib.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "eventlog/data_directory.h"
#include "eventlog/fence.h"
#include "eventlog/free_space.h"
#include "eventlog/import_reader.h"
#include "eventlog/zstd_stream.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBeginningBytes = 4;

// What was read to find out whether it is compressed, and then the rest.
class RewoundSource final : public ByteSource {
 public:
  explicit RewoundSource(ByteSource& source) : source_(source) {
    while (beginning_.size() < kBeginningBytes) {
      std::array<char, kBeginningBytes> bytes{};
      const std::size_t got = source_.read({bytes.data(), kBeginningBytes - beginning_.size()});
      if (got == 0) break;
      beginning_.append(bytes.data(), got);
    }
  }

  std::string_view beginning() const { return beginning_; }
  std::size_t read(std::span<char> into) override {
    if (given_ == beginning_.size()) return source_.read(into);
    const std::size_t got = beginning_.copy(into.data(), into.size(), given_);
    given_ += got;
    return got;
  }

 private:
  ByteSource& source_;
  std::string beginning_;
  std::size_t given_ = 0;
};

// A directory beside the one that is to be, removed with all that is in it unless it got its name.
class Building {
 public:
  explicit Building(const fs::path& target) : target_(target) {
    std::string pattern =
        (target.parent_path() / ("." + target.filename().string() + ".import-XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw DataDirectoryError(
          "Expected to create a directory in " + target.parent_path().string() +
          ", but: " + std::system_category().message(errno) + "; choose another path");
    }
    path_ = pattern;
  }
  ~Building() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Building(const Building&) = delete;
  Building& operator=(const Building&) = delete;

  const fs::path& path() const { return path_; }
  void finish() {
    fs::rename(path_, target_);
    path_.clear();
    sync_directory(target_.parent_path());
  }

 private:
  fs::path target_;
  fs::path path_;
};

fs::path require_new(const fs::path& data) {
  fs::path target = fs::absolute(data).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  if (!fs::is_directory(target.parent_path())) {
    throw DataDirectoryError("Expected the directory " + target.parent_path().string() +
                             " to exist; check the path");
  }
  if (fs::exists(target) && !(fs::is_directory(target) && fs::is_empty(target))) {
    throw DataDirectoryError("Expected " + target.string() +
                             " not to exist, or to be an empty directory; import to a new one");
  }
  return target;
}

// A database on a full disk may take the process with it, and leave what was built.
class Room {
 public:
  explicit Room(const fs::path& path)
      : path_(path), space_([path] { return disk_space(path); }, system_now_us) {}

  void require() {
    if (space_.has_room()) return;
    throw std::system_error(ENOSPC, std::generic_category(),
                            "importing: only " + std::to_string(space_.last().free_bytes) +
                                " bytes are free for " + path_.string() + ", and " +
                                std::to_string(low_water_bytes(space_.last().total_bytes)) +
                                " have to stay free");
  }

 private:
  fs::path path_;
  FreeSpace space_;
};

void sync_log(const DataPaths& paths) {
  for (const auto& entry : fs::directory_iterator(paths.log())) sync_file(entry.path());
  sync_directory(paths.log());
}

VerifyReport require_sound(const DataPaths& paths, const ImportOptions& options) {
  VerifyOptions verifying;
  verifying.on_progress = options.on_verify;
  VerifyReport report = verify_log(paths.log(), verifying);
  if (!report.damage) return report;
  throw LogError("The log was imported, but what the disk has of it is damaged at offset " +
                     std::to_string(report.damage->offset) + ": " + report.damage->what,
                 report.damage->offset);
}

}  // namespace

VerifyReport import_log(ByteSource& source, const fs::path& data, const ImportOptions& options) {
  const fs::path target = require_new(data);
  RewoundSource all(source);
  ZstdSource decompressed(all);
  ByteSource& lines = is_zstd(all.beginning()) ? static_cast<ByteSource&>(decompressed) : all;

  Building building(target);
  const DataDirectory directory(building.path());
  Room room(building.path());
  const auto progress = [&](Offset done, Offset total) {
    room.require();
    if (options.on_progress) options.on_progress(done, total);
  };
  ImportWriter writer(directory.paths().log());
  const ChainHead chain = ImportReader(lines, writer, progress).run();
  writer.finish(chain.head);
  sync_log(directory.paths());
  write_fence(fence_file(directory.paths().log()), chain);
  VerifyReport report = require_sound(directory.paths(), options);
  progress(chain.head, chain.head);
  building.finish();
  return report;
}

}  // namespace runledger::eventlog
