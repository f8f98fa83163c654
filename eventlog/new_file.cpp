#include "eventlog/new_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string_view doing, const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), std::string(doing) + " " + path.string());
}

}  // namespace

NewFile::NewFile(const fs::path& path) : path_(fs::weakly_canonical(fs::absolute(path))) {
  if (fs::exists(path_) && !fs::is_regular_file(path_)) {
    file_ = open_file(path_, O_WRONLY);
    return;
  }
  std::string pattern = path_.string() + ".XXXXXX";
  file_ = FileDescriptor(::mkostemp(pattern.data(), O_CLOEXEC));
  if (file_.get() < 0) fail("creating", pattern);
  temporary_ = pattern;
}

NewFile::~NewFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void NewFile::write(std::string_view bytes) {
  write_all(file_.get(), bytes, temporary_.empty() ? path_ : temporary_);
}

void NewFile::finish() {
  if (temporary_.empty()) return;
  if (::fsync(file_.get()) != 0) fail("syncing", temporary_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renaming to", path_);
  temporary_.clear();
  sync_directory(path_.parent_path());
}

}  // namespace runledger::eventlog
