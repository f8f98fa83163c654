#include "core/workflow/json_node.h"

#include <algorithm>

namespace runledger::core {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_token(std::string& pointer, std::string_view member) {
  pointer += '/';
  for (const char c : member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else {
    out += c;
  }
}

// Members by name; of several with one name the last.
std::vector<std::size_t> sorted_members(const JsonNode& object) {
  const auto& names = object.names();
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return names[a] != names[b] ? names[a] < names[b] : a > b;
  });
  const auto same = [&](std::size_t a, std::size_t b) {
    return names[a] == names[b];
  };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  return order;
}

bool equal_objects(const JsonNode& a, const JsonNode& b) {
  const auto left = sorted_members(a);
  const auto right = sorted_members(b);
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(), [&](std::size_t i, std::size_t j) {
        return a.names()[i] == b.names()[j] && json_equal(a.values()[i], b.values()[j]);
      });
}

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (std::size_t i = names().size(); i-- > 0;) {
    if (names()[i] == name) return &values()[i];
  }
  return nullptr;
}

std::string_view JsonNode::kind_name() const {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kFalse:
      return "false";
    case Kind::kTrue:
      return "true";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

JsonNode json_string(std::string_view text) {
  return {JsonNode::Kind::kString, std::string(text), nullptr};
}

JsonNode json_number(std::uint64_t value) {
  return {JsonNode::Kind::kNumber, std::to_string(value), nullptr};
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) append_escaped(out, c);
  out += '"';
}

void append_json(std::string& out, const JsonNode& node) {
  switch (node.kind) {
    case JsonNode::Kind::kNull:
      out += "null";
      return;
    case JsonNode::Kind::kFalse:
      out += "false";
      return;
    case JsonNode::Kind::kTrue:
      out += "true";
      return;
    case JsonNode::Kind::kNumber:
      out += node.text;
      return;
    case JsonNode::Kind::kString:
      append_json_string(out, node.text);
      return;
    case JsonNode::Kind::kArray:
    case JsonNode::Kind::kObject:
      break;
  }
  out += node.is_object() ? '{' : '[';
  for (std::size_t i = 0; i < node.values().size(); ++i) {
    if (i != 0) out += ',';
    if (node.is_object()) {
      append_json_string(out, node.names()[i]);
      out += ':';
    }
    append_json(out, node.values()[i]);
  }
  out += node.is_object() ? '}' : ']';
}

std::string json_text(const JsonNode& node) {
  std::string out;
  append_json(out, node);
  return out;
}

bool json_equal(const JsonNode& a, const JsonNode& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case JsonNode::Kind::kNull:
    case JsonNode::Kind::kFalse:
    case JsonNode::Kind::kTrue:
      return true;
    case JsonNode::Kind::kNumber:
      return compare_json_numbers(a.text, b.text) == 0;
    case JsonNode::Kind::kString:
      return a.text == b.text;
    case JsonNode::Kind::kArray:
      return std::equal(a.values().begin(), a.values().end(), b.values().begin(), b.values().end(),
                        json_equal);
    case JsonNode::Kind::kObject:
      return equal_objects(a, b);
  }
  return false;
}

void JsonPath::enter(std::string_view member) {
  ends_.push_back(pointer_.size());
  append_token(pointer_, member);
}

void JsonPath::enter(std::size_t index) {
  ends_.push_back(pointer_.size());
  pointer_ += '/';
  pointer_ += std::to_string(index);
}

void JsonPath::leave() {
  pointer_.resize(ends_.back());
  ends_.pop_back();
}

std::string pointer_to(std::string_view parent, std::string_view member) {
  std::string pointer(parent);
  append_token(pointer, member);
  return pointer;
}

std::string pointer_to(std::string_view parent, std::size_t index) {
  return std::string(parent) + '/' + std::to_string(index);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kBytesMax = 100;
  if (text.size() <= kBytesMax) return std::string(text);
  std::size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace runledger::core
