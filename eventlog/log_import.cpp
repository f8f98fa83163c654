#include "eventlog/log_import.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "eventlog/data_directory.h"
#include "eventlog/fence.h"
#include "eventlog/free_space.h"
#include "eventlog/import_reader.h"
#include "eventlog/new_directory.h"
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
  NewDirectory building(data);
  RewoundSource all(source);
  ZstdSource decompressed(all);
  ByteSource& lines = is_zstd(all.beginning()) ? static_cast<ByteSource&>(decompressed) : all;

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
