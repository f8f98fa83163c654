#include "core/base/json_writer.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace runledger::core {
namespace {

bool is_plain(std::string_view text) {
  for (unsigned char c : text) {
    if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') return false;
  }
  return true;
}

}  // namespace

void append_json_quoted(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out.append(1, '"').append(text).append(1, '"');
    return;
  }
  using nlohmann::json;
  out += json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_json_real(std::string& out, double value) {
  if (!std::isfinite(value)) value = 0;
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_json_quoted(out, text);
  return out;
}

void JsonWriter::key(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  append_json_quoted(out_, name);
  out_ += ':';
}

JsonWriter& JsonWriter::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_quoted(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view name, std::int64_t value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view name, std::uint64_t value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view name, std::uint32_t value) {
  return number(name, std::uint64_t{value});
}

JsonWriter& JsonWriter::real(std::string_view name, double value) {
  key(name);
  append_json_real(out_, value);
  return *this;
}

JsonWriter& JsonWriter::boolean(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::json(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

std::string JsonWriter::take() {
  return std::move(out_) + "}";
}

void JsonArray::add(std::string_view json) {
  if (out_.size() > 1) out_ += ',';
  out_ += json;
}

std::string JsonArray::take() {
  return std::move(out_) + "]";
}

}  // namespace runledger::core
