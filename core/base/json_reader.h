// Strict reading of JSON objects: a member is there and of its type, or the error names it. For our
// own stored payloads and rows; nlohmann stays in the .cpp files that include this.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace runledger::core {

class JsonShapeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  // Throws JsonShapeError when it is not JSON or not an object.
  explicit JsonReader(std::string_view text);
  explicit JsonReader(Json object);

  bool has(const char* name) const { return json_.contains(name); }
  const Json& at(const char* name) const;
  std::string text(const char* name) const;
  std::string json(const char* name) const;  // any value, as text
  bool boolean(const char* name) const;
  double real(const char* name) const;
  std::int64_t integer(const char* name) const;
  std::uint64_t natural(const char* name) const;
  std::uint32_t natural32(const char* name) const;
  const Json& array(const char* name) const;
  JsonReader object(const char* name) const;
  Json take() && { return std::move(json_); }

 private:
  Json json_;
};

}  // namespace runledger::core
