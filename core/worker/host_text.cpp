#include "core/worker/host_text.h"

#include <algorithm>
#include <utility>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

thread_local std::string refusal;

}  // namespace

std::string string_of(runledger_text text) {
  return text.data ? std::string(text.data, text.size) : std::string();
}

std::string clipped(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (bytes_max > 0 && continues(bytes_max)) --bytes_max;
  text.resize(bytes_max);
  return text;
}

runledger_status refuse(runledger_status status, std::string reason) noexcept {
  refusal = std::move(reason);
  return status;
}

runledger_status refuse_size(std::string_view what, std::size_t bytes, std::size_t bytes_max) {
  return refuse(RUNLEDGER_TOO_LARGE, "Expected " + std::string(what) + " to have at most " +
                                         std::to_string(bytes_max) + " bytes, but it has " +
                                         std::to_string(bytes));
}

const std::string& last_refusal() noexcept {
  return refusal;
}
void clear_refusal() noexcept {
  refusal.clear();
}

runledger_status check_text(std::string_view what, runledger_text text) {
  if (text.size > kTextBytesMax) return refuse_size(what, text.size, kTextBytesMax);
  if (protocol::is_utf8(string_of(text))) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_INVALID, "Expected " + std::string(what) + " in UTF-8");
}

// Names and media types become header lines.
runledger_status check_name(std::string_view what, runledger_text text) {
  if (text.size > kNameBytesMax) return refuse_size(what, text.size, kNameBytesMax);
  const std::string line = string_of(text);
  const bool control = std::any_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (line.empty() || control) {
    return refuse(RUNLEDGER_INVALID,
                  "Expected " + std::string(what) + " without control characters, not empty");
  }
  return check_text(what, text);
}

runledger_status check_json(std::string_view what, runledger_text text, std::size_t bytes_max,
                            protocol::JsonKind kind) {
  if (text.size > bytes_max) return refuse_size(what, text.size, bytes_max);
  const std::string_view json(text.data ? text.data : "", text.size);
  const auto problem = protocol::json_text_problem(json, kind);
  if (!problem) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_INVALID, "Expected " + std::string(what) + " as JSON, but: " + *problem);
}

}  // namespace runledger::core::worker
