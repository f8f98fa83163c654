#include "eventlog/bench/flat_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace runledger::eventlog::bench {
namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024;

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

}  // namespace

FlatFile::FlatFile(const std::filesystem::path& file)
    : fd_(open_file(file, O_RDWR | O_CREAT | O_APPEND)) {}

void FlatFile::add(std::string_view record) {
  waiting_ += record;
  starts_.push_back(starts_.back() + record.size());
  if (waiting_.size() >= kBufferBytes) flush();
}

void FlatFile::flush() {
  const auto written = ::write(fd_.get(), waiting_.data(), waiting_.size());
  if (written != static_cast<::ssize_t>(waiting_.size())) fail("writing the flat file");
  waiting_.clear();
}

void FlatFile::read(Offset from, std::size_t count, std::string& out) const {
  const std::size_t bytes = starts_.at(from + count) - starts_.at(from);
  const std::size_t at = out.size();
  out.resize(at + bytes);
  const auto got = ::pread(fd_.get(), out.data() + at, bytes, static_cast<::off_t>(starts_[from]));
  if (got != static_cast<::ssize_t>(bytes)) fail("reading the flat file");
}

}  // namespace runledger::eventlog::bench
