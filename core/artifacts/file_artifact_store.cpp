#include "core/artifacts/file_artifact_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/sha256.h"
#include "eventlog/durable_file.h"

namespace runledger::core {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
  throw ArtifactError(what + " " + path.string() + ": " + std::strerror(errno));
}

class StagedFile final : public StagedArtifact {
 public:
  StagedFile(const FileArtifactStore& store, const fs::path& staging) : store_(store) {
    std::string name = (staging / "upload-XXXXXX").string();
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ < 0) fail("cannot create", name);
    file_ = name;
  }
  ~StagedFile() override {
    if (fd_ >= 0) ::close(fd_);
    if (!file_.empty()) ::unlink(file_.c_str());
  }

  void write(std::string_view bytes) override {
    if (!digest_.empty()) throw ArtifactError("nothing can be written after the digest is taken");
    if (size_ + bytes.size() > kArtifactBytesMax) {
      throw ArtifactError("an artifact has at most " + std::to_string(kArtifactBytesMax) +
                          " bytes");
    }
    hash_.update(bytes);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) fail("cannot write", file_);
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::string sha256() override {
    if (digest_.empty()) digest_ = hash_.finish_hex();
    return digest_;
  }

  StoredArtifact commit() override {
    const fs::path target = store_.path_of(sha256());
    if (::fsync(fd_) != 0) fail("cannot sync", file_);
    std::error_code made;
    fs::create_directory(target.parent_path(), made);
    // Always: another upload may have made the directory and not have come to syncing its name.
    eventlog::sync_directory(target.parent_path().parent_path());
    if (::rename(file_.c_str(), target.c_str()) != 0) fail("cannot rename to", target);
    file_.clear();
    eventlog::sync_directory(target.parent_path());
    return {digest_, size_};
  }

 private:
  const FileArtifactStore& store_;
  fs::path file_;
  int fd_ = -1;
  Sha256 hash_;
  std::string digest_;
  std::uint64_t size_ = 0;
};

}  // namespace

FileArtifactStore::FileArtifactStore(fs::path root, fs::path staging)
    : root_(std::move(root)), staging_(std::move(staging)) {
  fs::create_directories(root_);
  fs::create_directories(staging_);
  for (const auto& left_over : fs::directory_iterator(staging_)) fs::remove_all(left_over.path());
}

std::unique_ptr<StagedArtifact> FileArtifactStore::stage() {
  return std::make_unique<StagedFile>(*this, staging_);
}

std::optional<StoredArtifact> FileArtifactStore::find(std::string_view sha256) const {
  if (!is_sha256_text(sha256)) return std::nullopt;
  struct stat info {};
  if (::stat(path_of(sha256).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return StoredArtifact{std::string(sha256), static_cast<std::uint64_t>(info.st_size)};
}

fs::path FileArtifactStore::path_of(std::string_view sha256) const {
  return root_ / std::string(sha256.substr(0, 2)) / std::string(sha256);
}

bool is_sha256_text(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace runledger::core
