#include "core/egress/transfer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <new>

namespace runledger::core::egress {
namespace {

constexpr std::chrono::milliseconds kLookMax{1000};  // how long a wait for bytes lasts at most

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (once != CURLE_OK) throw std::bad_alloc();
}

CURL* new_easy() {
  initialise_curl();
  CURL* easy = curl_easy_init();
  if (easy == nullptr) throw std::bad_alloc();
  return easy;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_tls_failure(CURLcode result) {
  switch (result) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Transfer::Callbacks {
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.allowed_ != nullptr && !may_connect(to->addr, *transfer.allowed_)) {
      transfer.refused_address_ = to_text(to->addr);
      return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }
  static std::size_t header(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->take_header({bytes, size * count});
  }
  static std::size_t body(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->take_body(bytes, size * count);
  }
};

Transfer::Transfer(const HttpRequest& request, const AllowedEndpoints* allowed, int file)
    : request_(request),
      allowed_(allowed),
      file_(file),
      easy_(new_easy()),
      multi_(curl_multi_init()) {}

Transfer::~Transfer() {
  curl_multi_remove_handle(multi_, easy_);
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
  curl_slist_free_all(headers_);
}

void Transfer::set_body() {
  const bool carries_one = request_.method == "POST" || request_.method == "PUT" ||
                           request_.method == "PATCH" || !request_.body.empty();
  if (carries_one) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    headers_ = curl_slist_append(headers_, "Expect:");
  }
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

void Transfer::set_options(const std::string& user_agent) {
  for (const auto& [name, value] : request_.headers) {
    // libcurl takes "name:" as the wish to leave the header out.
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  set_body();
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, request_.redirects_max > 0 ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_MAXREDIRS, static_cast<long>(request_.redirects_max));
  curl_easy_setopt(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request_.timeouts.connect.count()));
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Callbacks::body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
}

HttpOutcome Transfer::run(const std::string& user_agent, const std::stop_token& stop) {
  set_options(user_agent);
  const CURLcode result = drive(stop);
  if (given_up_) {
    given_up_->may_have_arrived = request_was_sent();
    return *given_up_;
  }
  if (result != CURLE_OK) return problem_of(result);
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &answer_.status);
  return std::move(answer_);
}

CURLcode Transfer::drive(const std::stop_token& stop) {
  begun_ = heard_ = Clock::now();
  curl_multi_add_handle(multi_, easy_);
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
  for (int running = 1;;) {
    curl_multi_perform(multi_, &running);
    if (given_up_) return CURLE_ABORTED_BY_CALLBACK;
    if (running == 0) break;
    lose_patience(stop);
    if (given_up_) return CURLE_ABORTED_BY_CALLBACK;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience() - Clock::now());
    const auto wait = std::clamp<std::chrono::milliseconds>(left, {}, kLookMax);
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_, &left);
  return message != nullptr ? message->data.result : CURLE_FAILED_INIT;
}

bool Transfer::request_was_sent() const {
  long bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

Transfer::Clock::time_point Transfer::patience() const {
  const auto whole = begun_ + request_.timeouts.total;
  if (answering_) return std::min(whole, heard_ + request_.timeouts.idle);
  if (request_was_sent()) return std::min(whole, heard_ + request_.timeouts.first_byte);
  return whole;
}

void Transfer::lose_patience(const std::stop_token& stop) {
  if (stop.stop_requested()) return give_up("stopped", "The call was stopped", false);
  const auto now = Clock::now();
  curl_off_t sent = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
  if (!answering_ && (sent != sent_ || !request_was_sent())) {
    sent_ = sent;
    heard_ = now;
  }
  if (now < patience()) return;
  const std::string to = without_secrets(request_.url);
  if (now >= begun_ + request_.timeouts.total) {
    return give_up("timed_out",
                   to + " did not answer in full within " +
                       std::to_string(request_.timeouts.total.count()) + " ms",
                   true);
  }
  if (answering_) {
    return give_up("idle_timed_out",
                   "The answer of " + to + " stopped for " +
                       std::to_string(request_.timeouts.idle.count()) + " ms",
                   true);
  }
  give_up("first_byte_timed_out",
          to + " took the request and said nothing for " +
              std::to_string(request_.timeouts.first_byte.count()) + " ms",
          true);
}

void Transfer::give_up(std::string code, std::string message, bool retryable) {
  if (!given_up_) given_up_ = {std::move(code), std::move(message), retryable, false};
}

std::size_t Transfer::take_header(std::string_view line) {
  answering_ = true;
  heard_ = Clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax) {
    give_up("headers_too_large",
            "The answer has more than " + std::to_string(kHeaderBytesMax) + " bytes of headers",
            false);
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    answer_.headers.clear();  // of a redirect, or of 100 Continue
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name = lower(trimmed(line.substr(0, colon)));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-encoding" && lower(value) != "identity") {
    give_up("protocol_error", "The answer is encoded, which was not asked for", false);
    return 0;
  }
  answer_.headers.emplace_back(std::move(name), value);
  return line.size();
}

std::size_t Transfer::take_body(const char* bytes, std::size_t size) {
  answering_ = true;
  heard_ = Clock::now();
  if (size > request_.answer_bytes_max - answer_.body_bytes) {
    give_up("answer_too_large",
            "The answer has more than " + std::to_string(request_.answer_bytes_max) + " bytes",
            false);
    return 0;
  }
  answer_.body_bytes += size;
  if (file_ < 0) {
    answer_.body.append(bytes, size);
    return size;
  }
  return write_to_file(bytes, size) ? size : 0;
}

bool Transfer::write_to_file(const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(file_, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      give_up("write_failed", std::string("The answer cannot be kept: ") + std::strerror(errno),
              true);
      return false;
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

HttpProblem Transfer::problem_of(CURLcode result) const {
  const std::string to = without_secrets(request_.url);
  const std::string detail = std::string(": ") + curl_easy_strerror(result);
  const bool sent = request_was_sent();
  if (!refused_address_.empty() && result == CURLE_COULDNT_CONNECT) {
    return {"address_refused",
            to + " leads to " + refused_address_ + ", which calls may not be made to", false, sent};
  }
  if (is_tls_failure(result)) return {"tls_failed", to + detail, false, sent};
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"host_unknown", to + detail, true, sent};
    case CURLE_COULDNT_CONNECT:
      return {"connect_failed", to + detail, true, sent};
    case CURLE_OPERATION_TIMEDOUT:
      return {"connect_timed_out",
              to + " could not be reached within " +
                  std::to_string(request_.timeouts.connect.count()) + " ms",
              true, sent};
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return {"answer_cut", "The connection to " + to + " ended within the answer" + detail, true,
              sent};
    case CURLE_TOO_MANY_REDIRECTS:
      return {"too_many_redirects",
              to + " leads on more than " + std::to_string(request_.redirects_max) + " times",
              false, sent};
    default:
      return {"protocol_error", to + detail, false, sent};
  }
}

}  // namespace runledger::core::egress
