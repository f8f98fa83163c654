// What other people's servers say to a plugin that is tested: an answer, or a problem instead.
#pragma once

#include <runledger/http.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <variant>

namespace runledger::testing {

struct HttpProblem {
  std::string code;
  std::string message = {};
  bool retryable = false;
  bool may_have_arrived = false;
};
using HttpReply = std::variant<HttpAnswer, HttpProblem>;

inline HttpAnswer http_answer(int status, std::string body = {}, HttpHeaders headers = {}) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  return answer;
}
inline HttpAnswer json_answer(const json& body, int status = 200) {
  return http_answer(status, body.dump(), {{"content-type", "application/json"}});
}
// Throws std::runtime_error when the file cannot be read.
inline HttpAnswer file_answer(const std::filesystem::path& file, std::string media_type) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " cannot be read");
  return http_answer(200, std::string(std::istreambuf_iterator<char>(in), {}),
                     {{"content-type", std::move(media_type)}});
}
// One with a code of HttpFailure, as a worker gives it: retryable when the other side was not
// reached or not heard of in time, and having arrived when it may have been.
inline HttpProblem http_problem(std::string code) {
  constexpr std::array<std::string_view, 7> kRetryable{
      "host_unknown",         "connect_failed", "connect_timed_out", "answer_cut",
      "first_byte_timed_out", "idle_timed_out", "timed_out"};
  constexpr std::array<std::string_view, 8> kMayHaveArrived{
      "answer_cut",        "first_byte_timed_out", "idle_timed_out",     "timed_out",
      "headers_too_large", "answer_too_large",     "too_many_redirects", "protocol_error"};
  const auto is_among = [&](const auto& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  HttpProblem problem{code, "The test has it so: " + code, is_among(kRetryable),
                      is_among(kMayHaveArrived)};
  return problem;
}

}  // namespace runledger::testing
