#include "tests/e2e/http_session.h"

#include <curl/curl.h>

#include <algorithm>

namespace runledger::e2e {
namespace {

std::size_t add_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(bytes, size * count);
  return size * count;
}

std::size_t add_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  const std::string line(bytes, size * count);
  const std::size_t colon = line.find(':');
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    const std::size_t begin = line.find_first_not_of(' ', colon + 1);
    const std::size_t end = line.find_last_not_of("\r\n");
    const bool empty = begin == std::string::npos || end == std::string::npos || end < begin;
    auto& headers = *static_cast<std::map<std::string, std::string>*>(target);
    headers[name] = empty ? "" : line.substr(begin, end - begin + 1);
  }
  return size * count;
}

}  // namespace

struct HttpSession::Impl {
  std::string base;
  std::string token;
  CURL* curl = curl_easy_init();
  ~Impl() { curl_easy_cleanup(curl); }
};

HttpSession::HttpSession(std::uint16_t port, std::string token) : impl_(std::make_unique<Impl>()) {
  impl_->base = "http://127.0.0.1:" + std::to_string(port);
  impl_->token = std::move(token);
}

HttpSession::~HttpSession() = default;
HttpSession::HttpSession(HttpSession&&) noexcept = default;

HttpResult HttpSession::get(const std::string& target, const Headers& headers) {
  return request("GET", target, "", headers);
}

HttpResult HttpSession::post(const std::string& target, const std::string& body,
                             const Headers& headers) {
  return request("POST", target, body, headers);
}

HttpResult HttpSession::request(const std::string& method, const std::string& target,
                                const std::string& body, const Headers& headers) {
  CURL* curl = impl_->curl;
  curl_easy_reset(curl);
  HttpResult result;
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  const auto add = [&](const std::string& line) {
    list = curl_slist_append(list, line.c_str());
  };
  if (!impl_->token.empty()) add("Authorization: Bearer " + impl_->token);
  if (!body.empty()) add("Content-Type: application/json");
  for (const auto& [name, value] : headers) add(name + ": " + value);
  const std::string url = impl_->base + target;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, add_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &result.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, add_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &result.headers);
  if (method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (!body.empty() || method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(list);
  if (code != CURLE_OK) throw ConnectionLost(curl_easy_strerror(code));
  result.status = static_cast<int>(status);
  return result;
}

}  // namespace runledger::e2e
