// One transfer while it runs: what libcurl's callbacks see of it, and what ends it early.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/egress/address_rules.h"
#include "core/egress/http_message.h"

namespace runledger::core::egress {

// Used by one thread, once.
class Transfer {
 public:
  // `file` is -1 for a body that is kept in memory. `allowed`: beside what is public; null:
  // anything is. All must outlive the transfer.
  Transfer(const HttpRequest& request, const AllowedEndpoints* allowed, int file);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  HttpOutcome run(const std::string& user_agent, const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;
  struct Callbacks;

  void set_options(const std::string& user_agent);
  void set_body();
  CURLcode drive(const std::stop_token& stop);
  // When the transfer is to be given up, and as what, if nothing arrives until then.
  Clock::time_point patience() const;
  void lose_patience(const std::stop_token& stop);
  std::size_t take_header(std::string_view line);
  std::size_t take_body(const char* bytes, std::size_t size);
  bool write_to_file(const char* bytes, std::size_t size);
  HttpProblem problem_of(CURLcode result) const;
  bool request_was_sent() const;
  void give_up(std::string code, std::string message, bool retryable);

  const HttpRequest& request_;
  const AllowedEndpoints* const allowed_;
  const int file_;
  CURL* const easy_;
  CURLM* const multi_;
  curl_slist* headers_ = nullptr;
  HttpAnswer answer_;
  std::size_t header_bytes_ = 0;
  std::string refused_address_;
  std::optional<HttpProblem> given_up_;
  Clock::time_point begun_{};
  Clock::time_point heard_{};  // when the last byte came, or the last one of the request left
  curl_off_t sent_ = 0;
  bool answering_ = false;  // a byte of the answer has come
};

}  // namespace runledger::core::egress
