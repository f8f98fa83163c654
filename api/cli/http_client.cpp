#include "api/cli/http_client.h"

#include <curl/curl.h>

#include <nlohmann/json.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"

namespace runledger::cli {
namespace {

constexpr long kConnectTimeoutS = 10;
constexpr long kTotalTimeoutS = 60;  // more than the longest poll

std::size_t collect(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > kClientAnswerBytesMax) return 0;
  body.append(bytes, size * count);
  return size * count;
}

struct HeaderList {
  curl_slist* list = nullptr;
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

std::string problem_text(const HttpAnswer& answer) {
  const auto problem = nlohmann::json::parse(answer.body, nullptr, false);
  std::string text = "The server answered " + std::to_string(answer.status);
  if (!problem.is_object()) return text;
  text += " " + problem.value("code", "") + ": " + problem.value("detail", "");
  if (problem.contains("errors") && problem["errors"].is_array()) {
    for (const auto& error : problem["errors"]) {
      text += "\n  " + error.value("pointer", "") + ": " + error.value("message", "");
    }
  }
  return text;
}

int exit_code_for(long status) {
  if (status == 401 || status == 403) return kExitNoPermission;
  if (status == 404) return kExitNoInput;
  if (status == 503 || status == 504) return kExitUnavailable;
  return status >= 500 ? kExitSoftware : kExitData;
}

}  // namespace

struct HttpClient::Impl {
  Impl(std::string to, std::string bearer) : server(std::move(to)), token(std::move(bearer)) {}
  ~Impl() { curl_easy_cleanup(curl); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string server;
  std::string token;
  CURL* curl = curl_easy_init();
};

HttpClient::HttpClient(std::string server, std::string token)
    : impl_(std::make_unique<Impl>(std::move(server), std::move(token))) {
  while (impl_->server.ends_with('/')) impl_->server.pop_back();
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::request(const std::string& method, const std::string& path,
                               const std::string& body, const Headers& headers) {
  CURL* curl = impl_->curl;
  curl_easy_reset(curl);
  HttpAnswer answer;
  HeaderList list;
  list.add("Authorization: Bearer " + impl_->token);
  list.add("Expect:");
  if (!body.empty()) list.add("Content-Type: application/json");
  for (const auto& [name, value] : headers) list.add(name + ": " + value);
  const std::string url = impl_->server + path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalTimeoutS);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list.list);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  if (!body.empty() || method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  const CURLcode result = curl_easy_perform(curl);
  if (result != CURLE_OK) {
    throw Unreachable("Cannot reach " + impl_->server + ": " + curl_easy_strerror(result));
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

std::string HttpClient::expect(const std::string& method, const std::string& path,
                               const std::string& body, const Headers& headers) {
  try {
    HttpAnswer answer = request(method, path, body, headers);
    if (answer.status >= 400) throw failure_of(answer);
    return std::move(answer.body);
  } catch (const Unreachable& unreachable) {
    throw Failure(kExitUnavailable, unreachable.what());
  }
}

Failure failure_of(const HttpAnswer& answer) {
  return {exit_code_for(answer.status), problem_text(answer)};
}

std::string percent_encoded(const std::string& text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
    }
  }
  return out;
}

}  // namespace runledger::cli
