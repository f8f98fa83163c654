#include "api/edge/wire.h"

#include <cstdint>
#include <ctime>

#include "api/http/field.h"
#include "api/http/status.h"

namespace runledger::api {
namespace {

// The Date field, made once a second.
const std::string& date() {
  static thread_local std::time_t made_at = 0;
  static thread_local std::string text;
  std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char buffer[64];
    std::size_t size = std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer, size);
    made_at = now;
  }
  return text;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

bool may_have_body(int status) {
  return status != 204 && status != 304 && status >= 200;
}

}  // namespace

std::string response_head(const Answer& answer, std::uint64_t length, const Delivery& delivery) {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ");
  head.append(reason_phrase(answer.status)).append("\r\n");
  bool sets_cache = false;
  for (const auto& [name, value] : answer.headers) {
    add(head, name, value);
    sets_cache = sets_cache || equals_ignoring_case(name, "cache-control");
  }
  if (may_have_body(answer.status)) {
    add(head, "Content-Type", answer.content_type);
    add(head, "Content-Length", std::to_string(length));
  }
  if (!sets_cache) add(head, "Cache-Control", "no-store");
  add(head, "X-Content-Type-Options", "nosniff");
  add(head, "X-Request-Id", delivery.request_id);
  add(head, "Date", date());
  if (delivery.closes) add(head, "Connection", "close");
  return head.append("\r\n");
}

std::string content_disposition(std::string_view file_name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string plain;
  std::string encoded;
  for (char c : file_name) {
    auto byte = static_cast<std::uint8_t>(c);
    bool is_simple = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '.' || c == '_' || c == '-';
    plain += is_simple ? c : '_';
    if (is_simple) {
      encoded += c;
    } else {
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  if (plain.empty()) return "attachment";
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
}

}  // namespace runledger::api
