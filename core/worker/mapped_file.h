// A file's content in memory, read-only, for as long as the object lives.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "core/base/file_descriptor.h"

namespace runledger::core::worker {

// A file for content on its way through, in TMPDIR, without a name: gone with its descriptor.
FileDescriptor nameless_file();
// The same file, to be read only. Negative when it cannot be.
FileDescriptor reopened_for_reading(const FileDescriptor& file);

class MappedFile {
 public:
  MappedFile() = default;
  // `seals_needed`: a file that somebody else has a hand on has to be sealed, so that it can
  // neither change nor shrink under our eyes. Not good(): it is not, or has more than
  // kArtifactBytesMax.
  explicit MappedFile(const FileDescriptor& file, int seals_needed = 0);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(other.size_), good_(other.good_) {}
  MappedFile& operator=(MappedFile&&) = delete;

  bool good() const { return good_; }
  std::span<const std::byte> bytes() const { return {bytes_, size_}; }

 private:
  const std::byte* bytes_ = nullptr;
  std::size_t size_ = 0;
  bool good_ = false;
};

}  // namespace runledger::core::worker
