// Small files that must survive a power cut. Any thread. Failures throw std::system_error, which
// names the path.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::eventlog {

// Replaces the file as a whole, mode 0600: after a crash it is either the old one or the new one.
// Returns when it is durable, its name included. path + ".tmp" is used on the way.
void write_durably(const std::filesystem::path& path, std::string_view content);

// write(2) until all of it is written; path is for the message.
void write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

// Makes a file's content durable.
void sync_file(const std::filesystem::path& path);

// Makes the names in the directory durable.
void sync_directory(const std::filesystem::path& directory);

// The file's first bytes, at most bytes_max; nullopt if there is no such file.
std::optional<std::string> read_small_file(const std::filesystem::path& path,
                                           std::size_t bytes_max);

// A file descriptor, closed at the end; -1 is none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

// open(2) with O_CLOEXEC.
FileDescriptor open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);

}  // namespace runledger::eventlog
