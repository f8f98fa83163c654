// Reads the members of one JSON object of a frame and says exactly which one is wrong. Inside
// core/protocol.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace runledger::core::protocol {

// Thrown within the decoder only; decode_*_message turns it into a ProtocolError.
class BadField : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The object must outlive it. `path` stands before member names in messages: "reports[3].".
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string path);

  std::string text(const char* member) const;
  std::string optional_text(const char* member) const;  // empty when it is not there
  std::uint64_t number(const char* member, std::uint64_t min, std::uint64_t max) const;
  std::uint64_t optional_number(const char* member, std::uint64_t max) const;  // 0 when not there
  double percent(const char* member) const;
  bool flag(const char* member) const;
  bool optional_flag(const char* member) const;  // false when it is not there
  std::string sha256(const char* member) const;
  // The member as JSON text; object keys come out sorted.
  std::string json_object(const char* member) const;
  std::string optional_json_object(const char* member) const;  // empty when it is not there
  std::string json_value(const char* member) const;
  std::optional<Fields> optional_object(const char* member) const;
  std::vector<Fields> objects(const char* member, std::size_t count_max) const;
  std::vector<Fields> optional_objects(const char* member, std::size_t count_max) const;
  std::vector<std::string> texts(const char* member, std::size_t count_max) const;

  [[noreturn]] void refuse(const char* member, const std::string& expected) const;

 private:
  const nlohmann::json& member(const char* name) const;
  const nlohmann::json& list(const char* name, std::size_t count_max) const;

  const nlohmann::json* object_;
  std::string path_;
};

}  // namespace runledger::core::protocol
