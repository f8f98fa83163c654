#include "tests/eventlog/mounted_file_system.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "eventlog/durable_file.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kMountFlags = MS_NOSUID | MS_NODEV;
constexpr int kLoopTriesMax = 20;
constexpr auto kUnmountTimeout = std::chrono::seconds(30);
// EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h; the headers for programs do not have it.
constexpr unsigned long kShutdown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kShutdownAfterFlush = 0;
constexpr std::uint32_t kShutdownWithoutFlush = 2;

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(),
                          "Expected to be allowed to mount file systems (root with CAP_SYS_ADMIN, "
                          "/dev/loop-control), but " +
                              doing + " failed");
}

void make_ext4(const fs::path& image, std::uint64_t bytes) {
  std::ofstream(image).close();
  fs::resize_file(image, bytes);
  std::string program = "/sbin/mkfs.ext4";
  std::string quiet = "-qF";
  std::string file = image.string();
  char* arguments[] = {program.data(), quiet.data(), file.data(), nullptr};
  pid_t pid = -1;
  if (::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments, environ) != 0) {
    throw std::runtime_error("Expected to run " + program + "; install e2fsprogs");
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error(program);
}

// A loop device on the image, gone when nothing uses it any more; it is used while the descriptor
// or a mount is there.
std::pair<std::string, FileDescriptor> attach(const fs::path& image) {
  const auto control = open_file("/dev/loop-control", O_RDWR);
  const auto file = open_file(image, O_RDWR);
  for (int tries = 0; tries < kLoopTriesMax; ++tries) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) fail("finding a free loop device");
    const std::string device = "/dev/loop" + std::to_string(number);
    auto loop = open_file(device, O_RDWR);
    loop_config config{};
    config.fd = static_cast<__u32>(file.get());
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (::ioctl(loop.get(), LOOP_CONFIGURE, &config) == 0) return {device, std::move(loop)};
    if (errno != EBUSY) fail("setting up " + device);  // busy: somebody else was quicker
  }
  fail("getting a loop device");
}

}  // namespace

MountedFileSystem::MountedFileSystem(fs::path mount_point, fs::path image)
    : mount_point_(std::move(mount_point)), image_(std::move(image)) {
  fs::create_directories(mount_point_);
}

MountedFileSystem::MountedFileSystem(MountedFileSystem&& other) noexcept
    : mount_point_(other.mount_point_),
      image_(other.image_),
      mounted_(std::exchange(other.mounted_, false)) {}

MountedFileSystem::~MountedFileSystem() {
  if (mounted_) ::umount2(mount_point_.c_str(), MNT_DETACH);
}

MountedFileSystem MountedFileSystem::in_memory(const fs::path& mount_point, std::uint64_t bytes) {
  MountedFileSystem made(mount_point, {});
  const std::string size = "size=" + std::to_string(bytes);
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", kMountFlags, size.c_str()) != 0) {
    fail("mounting a tmpfs on " + mount_point.string());
  }
  made.mounted_ = true;
  return made;
}

MountedFileSystem MountedFileSystem::on_disk(const fs::path& mount_point, const fs::path& image,
                                             std::uint64_t bytes) {
  make_ext4(image, bytes);
  MountedFileSystem made(mount_point, image);
  made.mount_image();
  fs::remove(mount_point / "lost+found");  // so that it can be a data directory
  return made;
}

void MountedFileSystem::mount_image() {
  const auto [device, held] = attach(image_);
  if (::mount(device.c_str(), mount_point_.c_str(), "ext4", kMountFlags, nullptr) != 0) {
    fail("mounting " + image_.string());
  }
  mounted_ = true;
}

void MountedFileSystem::cut_power() {
  shut_down(kShutdownWithoutFlush);
}

void MountedFileSystem::fail_writes() {
  shut_down(kShutdownAfterFlush);
}

void MountedFileSystem::shut_down(std::uint32_t how) {
  const auto root = open_file(mount_point_, O_RDONLY | O_DIRECTORY);
  if (::ioctl(root.get(), kShutdown, &how) != 0) fail("cutting off " + mount_point_.string());
}

void MountedFileSystem::mount_again() {
  // A process that was killed a moment ago may still be closing its files.
  const auto deadline = std::chrono::steady_clock::now() + kUnmountTimeout;
  while (::umount2(mount_point_.c_str(), 0) != 0) {
    if (errno != EBUSY || std::chrono::steady_clock::now() > deadline) {
      fail("unmounting " + mount_point_.string());
    }
    std::this_thread::yield();
  }
  mounted_ = false;
  mount_image();
}

}  // namespace runledger::eventlog::test
