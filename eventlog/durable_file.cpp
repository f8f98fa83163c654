#include "eventlog/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string_view doing, const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), std::string(doing) + " " + path.string());
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

FileDescriptor open_file(const fs::path& path, int flags, unsigned mode) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (file.get() < 0) fail("opening", path);
  return file;
}

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("writing", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_file(const fs::path& path) {
  const auto opened = open_file(path, O_RDONLY);
  if (::fsync(opened.get()) != 0) fail("syncing", path);
}

void sync_directory(const fs::path& directory) {
  const auto opened = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (::fsync(opened.get()) != 0) fail("syncing", directory);
}

void write_durably(const fs::path& path, std::string_view content) {
  const fs::path temporary = path.string() + ".tmp";
  {
    const auto file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    write_all(file.get(), content, temporary);
    if (::fsync(file.get()) != 0) fail("syncing", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("renaming to", path);
  sync_directory(path.parent_path());
}

std::optional<std::string> read_small_file(const fs::path& path, std::size_t bytes_max) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) fail("opening", path);
  std::string content(bytes_max, '\0');
  std::size_t filled = 0;
  while (filled < bytes_max) {
    const auto got = ::read(file.get(), content.data() + filled, bytes_max - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("reading", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

}  // namespace runledger::eventlog
