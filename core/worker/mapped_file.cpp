#include "core/worker/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "core/worker/limits.h"

namespace runledger::core::worker {

FileDescriptor nameless_file() {
  std::error_code none;
  const auto directory = std::filesystem::temp_directory_path(none);
  return FileDescriptor(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

FileDescriptor reopened_for_reading(const FileDescriptor& file) {
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

MappedFile::MappedFile(const FileDescriptor& file, int seals_needed) {
  if (seals_needed != 0) {
    const int seals = ::fcntl(file.get(), F_GET_SEALS);
    if (seals < 0 || (seals & seals_needed) != seals_needed) return;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || status.st_size < 0) return;
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ > kArtifactBytesMax) return;
  if (size_ > 0) {
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) return;
    bytes_ = static_cast<const std::byte*>(mapped);
  }
  good_ = true;
}

MappedFile::~MappedFile() {
  if (bytes_ != nullptr) ::munmap(const_cast<std::byte*>(bytes_), size_);
}

}  // namespace runledger::core::worker
