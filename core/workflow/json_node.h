// JSON as a tree that keeps the text of its numbers and the order of its members: what is read from
// a text and written again differs in spaces and escapes at most. Nesting is bounded, so that the
// functions here, and destruction, may recurse. Plain values, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core {

inline constexpr std::size_t kJsonDepthMax = 64;  // arrays and objects inside one another

struct JsonNode {
  enum class Kind : std::uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };
  struct Children {
    std::vector<std::string> names;  // of an object's values
    std::vector<JsonNode> values;
  };

  Kind kind = Kind::kNull;
  std::string text;                    // a string's content; a number as it was written
  std::unique_ptr<Children> children;  // of arrays and objects, always there

  bool is_object() const { return kind == Kind::kObject; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_string() const { return kind == Kind::kString; }
  bool is_number() const { return kind == Kind::kNumber; }
  const std::vector<JsonNode>& values() const { return children->values; }
  const std::vector<std::string>& names() const { return children->names; }
  // The last one of that name; nullptr: none, or no object. Looks at all of them.
  const JsonNode* find(std::string_view name) const;
  std::string_view kind_name() const;  // "a string", "an object", "null"
};

JsonNode json_string(std::string_view text);
JsonNode json_number(std::uint64_t value);

struct JsonProblem {
  std::string pointer;  // RFC 6901; "" where the text is no JSON at all
  std::string message;
};

// A member that is there twice is a trap in what a person wrote; in what a program made, the last
// one counts, as with most readers.
enum class Duplicates : std::uint8_t { kRefuse, kTakeLast };

std::variant<JsonNode, JsonProblem> parse_json_tree(std::string_view text, Duplicates duplicates,
                                                    std::size_t depth_max = kJsonDepthMax);

// Compact. The content of strings is UTF-8.
void append_json(std::string& out, const JsonNode& node);
void append_json_string(std::string& out, std::string_view text);
std::string json_text(const JsonNode& node);

// By value: numbers exactly (1 is 1.0), objects whatever the order of their members.
bool json_equal(const JsonNode& a, const JsonNode& b);
// Negative, 0 or positive; two JSON numbers of any size, exactly.
int compare_json_numbers(std::string_view a, std::string_view b);

// A JSON pointer that follows a walk through a tree.
class JsonPath {
 public:
  explicit JsonPath(std::string base = "") : pointer_(std::move(base)) {}
  void enter(std::string_view member);
  void enter(std::size_t index);
  void leave();
  const std::string& pointer() const { return pointer_; }
  std::size_t depth() const { return ends_.size(); }

 private:
  std::string pointer_;
  std::vector<std::size_t> ends_;
};

std::string pointer_to(std::string_view parent, std::string_view member);
std::string pointer_to(std::string_view parent, std::size_t index);

// For messages: the beginning of a long text, cut between characters.
std::string shortened(std::string_view text);

}  // namespace runledger::core
