// Writes one JSON object, member by member, into a string: for payloads that carry JSON as text,
// which need not be parsed to be embedded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runledger::core {

class JsonWriter {
 public:
  JsonWriter& text(std::string_view name, std::string_view value);
  JsonWriter& number(std::string_view name, std::int64_t value);
  JsonWriter& number(std::string_view name, std::uint64_t value);
  JsonWriter& number(std::string_view name, std::uint32_t value);
  JsonWriter& real(std::string_view name, double value);
  JsonWriter& boolean(std::string_view name, bool value);
  JsonWriter& json(std::string_view name, std::string_view json);
  std::string take();  // once

 private:
  void key(std::string_view name);
  std::string out_ = "{";
};

// The text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);
void append_json_quoted(std::string& out, std::string_view text);
// The shortest text that gives the number again; 0 for what is not finite.
void append_json_real(std::string& out, double value);

// Joins JSON values into an array.
class JsonArray {
 public:
  void add(std::string_view json);
  std::string take();

 private:
  std::string out_ = "[";
};

}  // namespace runledger::core
