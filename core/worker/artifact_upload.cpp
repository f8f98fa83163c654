#include "core/worker/artifact_upload.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "core/worker/backoff.h"

namespace runledger::core::worker {
namespace {

using std::chrono::milliseconds;

constexpr int kTriesMax = 5;
constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{3000};
constexpr long kConnectTimeoutMs = 10'000;
constexpr std::chrono::seconds kIdleMax{30};  // without a byte going either way
constexpr std::size_t kAnswerBytesMax = 4 * 1024;

struct Easy {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct Headers {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What the callbacks of one transfer work on.
struct Transfer {
  std::span<const std::byte> left;
  std::string answer;
  std::stop_token stop;
  curl_off_t moved = -1;
  std::chrono::steady_clock::time_point moved_at = std::chrono::steady_clock::now();
};

std::size_t read_content(char* to, std::size_t size, std::size_t count, void* user) {
  auto& left = static_cast<Transfer*>(user)->left;
  const std::size_t take = std::min(size * count, left.size());
  std::memcpy(to, left.data(), take);
  left = left.subspan(take);
  return take;
}

std::size_t keep_answer(char* from, std::size_t size, std::size_t count, void* user) {
  auto& answer = static_cast<Transfer*>(user)->answer;
  answer.append(from, std::min(size * count, kAnswerBytesMax - answer.size()));
  return size * count;
}

int watch(void* user, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto now = std::chrono::steady_clock::now();
  if (down + up != transfer.moved) {
    transfer.moved = down + up;
    transfer.moved_at = now;
  }
  return transfer.stop.stop_requested() || now - transfer.moved_at > kIdleMax ? 1 : 0;
}

void pause(milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
}

class HttpUploader : public ArtifactUploader {
 public:
  HttpUploader(std::string server_url, std::string token)
      : server_url_(std::move(server_url)), authorization_("Authorization: Bearer " + token) {
    while (server_url_.ends_with('/')) server_url_.pop_back();
  }

  UploadResult put(std::string_view sha256, std::string_view media_type,
                   std::span<const std::byte> content, const std::stop_token& stop) override {
    Backoff backoff(kFirstPause, kLongestPause);
    UploadResult result{UploadOutcome::kUnavailable, ""};
    for (int tries = 0; tries < kTriesMax; ++tries) {
      if (tries > 0) pause(backoff.next(), stop);
      if (stop.stop_requested()) return {UploadOutcome::kStopped, "stopped"};
      result = put_once(sha256, media_type, content, stop);
      if (result.outcome != UploadOutcome::kUnavailable) return result;
    }
    return result;
  }

 private:
  UploadResult put_once(std::string_view sha256, std::string_view media_type,
                        std::span<const std::byte> content, const std::stop_token& stop) {
    const std::unique_ptr<CURL, Easy> easy(curl_easy_init());
    const std::unique_ptr<curl_slist, Headers> headers(headers_for(media_type));
    if (!easy || !headers) return {UploadOutcome::kUnavailable, "libcurl could not start"};
    Transfer transfer{content, {}, stop};
    const std::string url = server_url_ + "/v1/worker/artifacts/" + std::string(sha256);
    configure(easy.get(), url, headers.get(), content.size(), transfer);
    const CURLcode code = curl_easy_perform(easy.get());
    if (stop.stop_requested()) return {UploadOutcome::kStopped, "stopped"};
    if (code != CURLE_OK) return {UploadOutcome::kUnavailable, curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    return judge(status, transfer.answer);
  }

  static UploadResult judge(long status, const std::string& answer) {
    if (status >= 200 && status < 300) return {UploadOutcome::kStored, ""};
    const std::string reason = "the server answered " + std::to_string(status) + ": " + answer;
    const bool later = status >= 500 || status == 408 || status == 429;
    return {later ? UploadOutcome::kUnavailable : UploadOutcome::kRefused, reason};
  }

  curl_slist* headers_for(std::string_view media_type) const {
    const std::string content_type = "Content-Type: " + std::string(media_type);
    curl_slist* list = curl_slist_append(nullptr, authorization_.c_str());
    list = curl_slist_append(list, content_type.c_str());
    return curl_slist_append(list, "Expect:");  // not a round trip more
  }

  static void configure(CURL* easy, const std::string& url, curl_slist* headers, std::size_t size,
                        Transfer& transfer) {
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &read_content);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &watch);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  }

  std::string server_url_;
  std::string authorization_;
};

}  // namespace

std::unique_ptr<ArtifactUploader> make_http_uploader(std::string server_url, std::string token) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl could not start");
  return std::make_unique<HttpUploader>(std::move(server_url), std::move(token));
}

}  // namespace runledger::core::worker
