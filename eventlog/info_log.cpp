#include "eventlog/info_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string>

#include "eventlog/durable_file.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLineBytesMax = 8 * 1024;

class InfoLog final : public rocksdb::Logger {
 public:
  InfoLog(fs::path file, std::size_t bytes_max) : path_(std::move(file)), bytes_max_(bytes_max) {}

  using Logger::Logv;
  void Logv(const char* format, std::va_list arguments) override {
    std::array<char, kLineBytesMax> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length < 0) return;
    std::string line = stamp() + text.data();
    if (!line.ends_with('\n')) line += '\n';
    const std::scoped_lock lock(mutex_);
    write(line);
  }

 private:
  static std::string stamp() {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm utc{};
    ::gmtime_r(&now.tv_sec, &utc);
    std::array<char, 40> text{};
    const std::size_t bytes = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ ", &utc);
    return {text.data(), bytes};
  }

  void write(const std::string& line) {
    if (file_.get() < 0 || bytes_ > bytes_max_) reopen();
    if (::write(file_.get(), line.data(), line.size()) > 0) bytes_ += line.size();
  }

  void reopen() {
    if (file_.get() >= 0) ::rename(path_.c_str(), (path_.string() + ".old").c_str());
    constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    file_ = FileDescriptor(::open(path_.c_str(), kFlags, 0600));
    struct stat found {};
    bytes_ = ::fstat(file_.get(), &found) == 0 ? static_cast<std::size_t>(found.st_size) : 0;
  }

  const fs::path path_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  FileDescriptor file_;
  std::size_t bytes_ = 0;
};

class SilentLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, std::va_list) override {}
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_info_log(const fs::path& directory, std::size_t bytes_max) {
  return std::make_shared<InfoLog>(directory / "LOG", bytes_max);
}

std::shared_ptr<rocksdb::Logger> make_silent_log() {
  return std::make_shared<SilentLog>();
}

}  // namespace runledger::eventlog
