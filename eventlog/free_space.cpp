#include "eventlog/free_space.h"

#include <sys/statvfs.h>

#include <algorithm>

namespace runledger::eventlog {

std::optional<DiskSpace> disk_space(const std::filesystem::path& path) {
  struct ::statvfs found {};
  if (::statvfs(path.c_str(), &found) != 0) return std::nullopt;
  return DiskSpace{found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize};
}

std::uint64_t low_water_bytes(std::uint64_t total_bytes) {
  return std::max(kFreeBytesMin, total_bytes / 100 * kFreePercentMin);
}

FreeSpace::FreeSpace(Measure measure, NowUs now_us, std::optional<std::uint64_t> free_bytes_min)
    : measure_(std::move(measure)),
      now_us_(std::move(now_us)),
      free_bytes_min_(free_bytes_min),
      next_us_(now_us_()) {}

bool FreeSpace::has_room() {
  if (now_us_() >= next_us_ && !measuring_.exchange(true)) {
    measure();
    measuring_ = false;
  }
  return has_room_;
}

void FreeSpace::measure() {
  next_us_ = now_us_() + kFreeSpaceIntervalUs;
  const auto found = measure_();
  if (!found) return;
  total_bytes_ = found->total_bytes;
  free_bytes_ = found->free_bytes;
  const std::uint64_t mark = free_bytes_min_.value_or(low_water_bytes(found->total_bytes));
  const std::uint64_t margin = std::min(kFreeMarginBytes, mark / 8);
  has_room_ = found->free_bytes >= (has_room_ ? mark : mark + margin);
}

DiskSpace FreeSpace::last() const {
  return {total_bytes_, free_bytes_};
}

}  // namespace runledger::eventlog
