#include "core/base/json_scan.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

namespace runledger::core {
namespace {

// Longer numbers, and those with an exponent, may be beyond what a double holds.
constexpr std::size_t kSurelyFiniteDigits = 300;

// Bytes of a string that need no second look: all of ASCII but controls, '"' and '\'.
constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = plain_bytes();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  JsonKind object(std::vector<JsonMember>& members) {
    space();
    if (!next_is('{')) return value() && only_space_left() ? JsonKind::kOther : JsonKind::kNotJson;
    ++at_;
    space();
    bool escaped = false;
    if (next_is('}')) {
      ++at_;
    } else if (!all_members(members, escaped)) {
      return JsonKind::kNotJson;
    }
    if (!only_space_left()) return JsonKind::kNotJson;
    return escaped ? JsonKind::kEscapedName : JsonKind::kObject;
  }

 private:
  bool all_members(std::vector<JsonMember>& members, bool& escaped) {
    for (;;) {
      space();
      const char* quote = at_;
      if (!string()) return false;
      const std::string_view name(quote + 1, static_cast<std::size_t>(at_ - quote - 2));
      escaped = escaped || name.find('\\') != std::string_view::npos;
      space();
      if (!take(':')) return false;
      space();
      const char* begin = at_;
      if (!value()) return false;
      members.push_back({name, {begin, static_cast<std::size_t>(at_ - begin)}});
      space();
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  // Any value, however deep, without recursion.
  bool value() {
    std::string open;  // the brackets around this place
    for (;;) {
      space();
      bool opened = false;
      if (!begin_value(open, opened)) return false;
      if (opened) continue;
      bool more = false;
      if (!end_values(open, more)) return false;
      if (!more) return true;
    }
  }

  // A scalar or an empty container, or the start of another one, up to its first value.
  bool begin_value(std::string& open, bool& opened) {
    if (at_ == end_) return false;
    const char c = *at_;
    if (c == '"') return string();
    if (c == 't') return literal("true");
    if (c == 'f') return literal("false");
    if (c == 'n') return literal("null");
    if (c != '{' && c != '[') return number();
    ++at_;
    space();
    if (take(c == '{' ? '}' : ']')) return true;
    open.push_back(c);
    opened = true;
    return c == '[' || name();
  }

  // Behind a value: closes what ends here; `more` if another value follows.
  bool end_values(std::string& open, bool& more) {
    while (!open.empty()) {
      space();
      const bool in_object = open.back() == '{';
      if (take(',')) {
        more = true;
        return !in_object || name();
      }
      if (!take(in_object ? '}' : ']')) return false;
      open.pop_back();
    }
    return true;
  }

  bool name() {
    space();
    if (!string()) return false;
    space();
    return take(':');
  }

  bool string() {
    if (!take('"')) return false;
    for (;;) {
      while (at_ != end_ && kPlain[static_cast<unsigned char>(*at_)]) ++at_;
      if (at_ == end_) return false;
      if (take('"')) return true;
      if (*at_ == '\\' ? !escape() : !wide_character()) return false;
    }
  }

  bool escape() {
    ++at_;
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    unsigned unit = 0;
    if (!hex_unit(unit)) return false;
    if (unit >= 0xdc00 && unit < 0xe000) return false;
    if (unit < 0xd800 || unit >= 0xdc00) return true;
    return take('\\') && take('u') && hex_unit(unit) && unit >= 0xdc00 && unit < 0xe000;
  }

  bool hex_unit(unsigned& unit) {
    if (end_ - at_ < 4) return false;
    for (int i = 0; i < 4; ++i) {
      if (!is_hex(at_[i])) return false;
    }
    unit = static_cast<unsigned>(std::strtoul(std::string(at_, 4).c_str(), nullptr, 16));
    at_ += 4;
    return true;
  }

  // One character of more than one byte, in its shortest form and no surrogate.
  bool wide_character() {
    const auto lead = static_cast<unsigned char>(*at_);
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || end_ - at_ <= more) return false;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    for (int i = 1; i <= more; ++i) {
      const auto byte = static_cast<unsigned char>(at_[i]);
      if (byte < low || byte > high) return false;
      low = 0x80;
      high = 0xbf;
    }
    at_ += more + 1;
    return true;
  }

  bool number() {
    const char* begin = at_;
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    const bool exponent = take('e') || take('E');
    if (exponent) {
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    if (!exponent && static_cast<std::size_t>(at_ - begin) < kSurelyFiniteDigits) return true;
    return std::isfinite(std::strtod(std::string(begin, at_).c_str(), nullptr));
  }

  bool digits() {
    const char* begin = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != begin;
  }

  bool literal(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  void space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool only_space_left() {
    space();
    return at_ == end_;
  }
  bool next_is(char c) const { return at_ != end_ && *at_ == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

JsonKind scan_object(std::string_view text, std::vector<JsonMember>& members) {
  return Scanner(text).object(members);
}

}  // namespace runledger::core
