// What a host takes from a plugin: limits, and checks of the text that is handed over, as the
// worker has them. A test of Runledger compares the two.
#pragma once

#include <runledger/plugin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace runledger::testing {

using json = nlohmann::json;

inline constexpr std::size_t kOutputBytesMax = 256 * 1024;  // of a task's output, as JSON text
inline constexpr std::size_t kEmitBytesMax = 256 * 1024;    // of one emitted event's data
inline constexpr std::size_t kStepBytesMax = 256 * 1024;    // of a step's result, a review's parts
inline constexpr std::size_t kTextBytesMax = 4 * 1024;      // of a message or a log line
inline constexpr std::size_t kNameBytesMax = 200;  // of names, media and event types, codes
inline constexpr std::size_t kArtifactBytesMax = 1ULL << 30;
inline constexpr std::size_t kJsonNestingMax = 64;
inline constexpr std::size_t kMemosMax = 10'000;  // finished durable calls of one task
inline constexpr std::size_t kMemosBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kRemoteCallsMax = 100;  // of one task
inline constexpr std::size_t kProviderNameBytesMax = 64;
inline constexpr std::size_t kExecuteIdBytesMax = 256;
inline constexpr std::uint64_t kDelayMsMax = 366ull * 24 * 3600 * 1000;

namespace detail {

// Why the last call of this thread was not done.
inline thread_local std::string refusal;

inline std::string string_of(runledger_text text) {
  return text.data ? std::string(text.data, text.size) : std::string();
}
inline runledger_text text_of(const std::string& text) {
  return {text.data(), text.size()};
}

inline runledger_status refuse(runledger_status status, std::string reason) {
  refusal = std::move(reason);
  return status;
}

// Nothing thrown here may enter the plugin.
template <typename Call>
runledger_status guarded(Call call) noexcept {
  try {
    refusal.clear();
    return call();
  } catch (const std::exception& error) {
    return refuse(RUNLEDGER_UNAVAILABLE, error.what());
  }
}

inline bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(json(text).dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

inline std::string mended_utf8(const std::string& text) {
  const auto replaced = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return json::parse(replaced).get<std::string>();
}

// At most that many bytes, cut between characters.
inline std::string clipped(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (bytes_max > 0 && continues(bytes_max)) --bytes_max;
  text.resize(bytes_max);
  return text;
}

inline runledger_status check_size(const std::string& what, std::size_t bytes, std::size_t max) {
  if (bytes <= max) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_TOO_LARGE, "Expected " + what + " to have at most " +
                                         std::to_string(max) + " bytes, but it has " +
                                         std::to_string(bytes));
}

inline runledger_status check_text(const std::string& what, runledger_text text) {
  const auto status = check_size(what, text.size, kTextBytesMax);
  if (status != RUNLEDGER_OK || is_utf8(string_of(text))) return status;
  return refuse(RUNLEDGER_INVALID, "Expected " + what + " in UTF-8");
}

inline bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

inline runledger_status check_name(const std::string& what, runledger_text text) {
  const auto status = check_size(what, text.size, kNameBytesMax);
  if (status != RUNLEDGER_OK) return status;
  const std::string line = string_of(text);
  if (!line.empty() && !has_control(line)) return check_text(what, text);
  return refuse(RUNLEDGER_INVALID, "Expected " + what + " without control characters, not empty");
}

inline std::optional<std::string> json_problem(std::string_view text, bool object) {
  bool too_deep = false;
  const auto cap = [&](int depth, json::parse_event_t event, json&) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && static_cast<std::size_t>(depth) >= kJsonNestingMax) too_deep = true;
    return !too_deep;
  };
  try {
    const json document = json::parse(text, cap);
    if (too_deep) return "nested more than " + std::to_string(kJsonNestingMax) + " deep";
    if (!object || document.is_object()) return std::nullopt;
    return std::string("not a JSON object but of type ") + document.type_name();
  } catch (const json::exception& error) {
    return error.what();
  }
}

// "coze"
inline bool is_provider_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kProviderNameBytesMax && text[0] >= 'a' &&
         text[0] <= 'z' && std::all_of(text.begin(), text.end(), allowed);
}
// As a provider names a job.
inline bool is_execute_id(std::string_view text) {
  return !text.empty() && text.size() <= kExecuteIdBytesMax && !has_control(text);
}

enum class Json { kAny, kObject };

inline runledger_status check_json(const std::string& what, runledger_text text, std::size_t max,
                                   Json kind) {
  const auto status = check_size(what, text.size, max);
  if (status != RUNLEDGER_OK) return status;
  const auto problem = json_problem(string_of(text), kind == Json::kObject);
  if (!problem) return RUNLEDGER_OK;
  return refuse(RUNLEDGER_INVALID, "Expected " + what + " as JSON, but: " + *problem);
}

}  // namespace detail
}  // namespace runledger::testing
