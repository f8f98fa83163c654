// A small file system of the test's own: full when it says so, and cut off from power when it is
// told. Needs root and the right to mount; throws a sentence that says so if it has not.
#pragma once

#include <cstdint>
#include <filesystem>

namespace runledger::eventlog::test {

class MountedFileSystem {
 public:
  // In memory, on a directory that is made if it is missing.
  static MountedFileSystem in_memory(const std::filesystem::path& mount_point, std::uint64_t bytes);
  // ext4 in the file `image`, which is made, through a loop device.
  static MountedFileSystem on_disk(const std::filesystem::path& mount_point,
                                   const std::filesystem::path& image, std::uint64_t bytes);
  MountedFileSystem(MountedFileSystem&& other) noexcept;
  MountedFileSystem& operator=(MountedFileSystem&&) = delete;
  ~MountedFileSystem();  // unmounts, even under a process that still uses it

  // Of on_disk() alone: what the disk has not been given by now is lost, and every later write
  // fails. Who uses it must be stopped (SIGSTOP) and then killed: a sync that is under way may be
  // told to have succeeded, which a plain program with fdatasync(2) sees too.
  void cut_power();
  // Of on_disk() alone: all that was written is on the disk, and every later write fails (EIO).
  void fail_writes();
  // After both. Nobody may have it open any more.
  void mount_again();

 private:
  MountedFileSystem(std::filesystem::path mount_point, std::filesystem::path image);
  void mount_image();
  void shut_down(std::uint32_t how);

  std::filesystem::path mount_point_;
  std::filesystem::path image_;  // empty: in memory
  bool mounted_ = false;
};

}  // namespace runledger::eventlog::test
