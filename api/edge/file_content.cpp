#include "api/edge/file_content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <spdlog/spdlog.h>

#include "api/edge/byte_range.h"
#include "api/edge/on_disk.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kBlockBytes = 256 * 1024;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info {};
    if (fd_ >= 0 && ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode)) {
      size_ = static_cast<std::uint64_t>(info.st_size);
      is_open_ = true;
    }
  }
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return is_open_; }
  std::uint64_t size() const { return size_; }
  // Bytes read into `block`; 0 on an error and at the end.
  std::size_t read_at(std::uint64_t offset, std::string& block, std::size_t size) const {
    ssize_t got = ::pread(fd_, block.data(), size, static_cast<off_t>(offset));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  int fd_;
  bool is_open_ = false;
  std::uint64_t size_ = 0;
};

Answer file_head(const FileReply& file, const FileSelection& selection, std::uint64_t size) {
  Answer answer;
  answer.status = selection.status;
  answer.content_type = file.media_type;
  answer.headers = {{"ETag", '"' + file.etag + '"'},
                    {"Accept-Ranges", "bytes"},
                    {"Cache-Control", "private, no-cache"},
                    // What was stored is shown as it is, but gets no rights of this origin.
                    {"Content-Security-Policy", "sandbox"},
                    {"Content-Disposition", content_disposition(file.file_name)}};
  if (selection.status == 206) {
    answer.headers.emplace_back("Content-Range",
                                "bytes " + std::to_string(selection.first) + "-" +
                                    std::to_string(selection.first + selection.length - 1) + "/" +
                                    std::to_string(size));
  }
  return answer;
}

Answer unsatisfiable(std::uint64_t size, const std::string& request_id) {
  Answer answer = to_answer({.status = 416,
                             .code = "range_not_satisfiable",
                             .detail = "Expected a range that begins before the end at " +
                                       std::to_string(size) + " bytes"},
                            request_id);
  answer.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
  return answer;
}

asio::awaitable<bool> send_plain(Client& client, const Answer& answer, const Delivery& delivery,
                                 const EdgeLimits& limits) {
  std::string bytes = response_head(answer, answer.body.size(), delivery);
  if (!delivery.is_head) bytes += answer.body;
  bool is_written = co_await write_all(client, bytes, limits);
  co_return is_written && !delivery.closes;
}

}  // namespace

asio::awaitable<bool> send_file(Client& client, Lane& lane, const FileReply& file,
                                const Request& conditions, const Delivery& delivery) {
  const EdgeLimits& limits = lane.services.settings.limits;
  asio::thread_pool& disk = lane.services.disk;
  auto open = [&] {
    return std::make_shared<const OpenFile>(file.path);
  };
  std::shared_ptr<const OpenFile> content = co_await on_disk(disk, open);
  if (!content->is_open()) {
    spdlog::error("[{}] cannot read {}", delivery.request_id, file.path);
    Answer answer = to_answer(
        {.status = 500, .code = "content_lost", .detail = "The stored content cannot be read"},
        delivery.request_id);
    co_return co_await send_plain(client, answer, delivery, limits);
  }
  FileSelection selection = select_bytes(conditions, file.etag, content->size());
  if (selection.status == 416) {
    Answer answer = unsatisfiable(content->size(), delivery.request_id);
    co_return co_await send_plain(client, answer, delivery, limits);
  }
  Answer head = file_head(file, selection, content->size());
  std::string head_bytes = response_head(head, selection.length, delivery);
  if (!co_await write_all(client, head_bytes, limits)) co_return false;
  if (delivery.is_head) co_return !delivery.closes;

  std::string block(std::min<std::uint64_t>(kBlockBytes, selection.length), '\0');
  for (std::uint64_t sent = 0; sent < selection.length;) {
    auto wanted = std::min<std::uint64_t>(block.size(), selection.length - sent);
    auto read = [&] {
      return content->read_at(selection.first + sent, block, wanted);
    };
    std::size_t size = co_await on_disk(disk, read);
    // The length has been promised: all that is left to say is nothing.
    if (size == 0) co_return false;
    std::string_view part(block.data(), size);
    if (!co_await write_all(client, part, limits)) co_return false;
    sent += size;
  }
  co_return !delivery.closes;
}

}  // namespace runledger::api
