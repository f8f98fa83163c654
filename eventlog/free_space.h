// Whether there is room to take new work. A log that runs into a full disk ends its process; one
// that stops taking work before it can still be read, and cleaned up. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace runledger::eventlog {

// New work is refused below the larger of the two, and taken again above it by the margin (an
// eighth of a mark that is smaller than eight margins), so that it does not change with every
// request.
inline constexpr std::uint64_t kFreeBytesMin = 512ull * 1024 * 1024;
inline constexpr std::uint64_t kFreePercentMin = 5;
inline constexpr std::uint64_t kFreeMarginBytes = 64ull * 1024 * 1024;
// How often the file system is asked.
inline constexpr std::int64_t kFreeSpaceIntervalUs = 1'000'000;

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for a user who is not root
};

// statvfs(3) of the file system that the path is on; nullopt if it fails.
std::optional<DiskSpace> disk_space(const std::filesystem::path& path);

// The low-water mark of a file system of that size.
std::uint64_t low_water_bytes(std::uint64_t total_bytes);

class FreeSpace {
 public:
  using Measure = std::function<std::optional<DiskSpace>()>;  // called by one thread at a time
  using NowUs = std::function<std::int64_t()>;

  // free_bytes_min takes the place of low_water_bytes(); with 0 there is always room.
  FreeSpace(Measure measure, NowUs now_us,
            std::optional<std::uint64_t> free_bytes_min = std::nullopt);

  // False: answer new work with 507. Measures at most once an interval; what cannot be measured is
  // taken to be as before.
  bool has_room();
  // As last measured.
  DiskSpace last() const;

 private:
  void measure();

  Measure measure_;
  NowUs now_us_;
  std::optional<std::uint64_t> free_bytes_min_;
  std::atomic<std::int64_t> next_us_;
  std::atomic<bool> measuring_ = false;
  std::atomic<bool> has_room_ = true;
  std::atomic<std::uint64_t> total_bytes_ = 0;
  std::atomic<std::uint64_t> free_bytes_ = 0;
};

}  // namespace runledger::eventlog
