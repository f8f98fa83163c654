#include "eventlog/json_text.h"

#include <bitset>

#include "eventlog/utf8.h"

namespace runledger::eventlog {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : text_(text) {}

  bool run() {
    for (;;) {
      if (!begin_value()) return false;
      if (opened_) continue;
      if (!end_values()) return false;
      if (depth_ == 0) return at_ == text_.size();
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  // A whole scalar or empty container, or a container up to where its first value begins.
  bool begin_value() {
    opened_ = false;
    skip_space();
    switch (peek()) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  bool open(bool object) {
    ++at_;
    if (depth_ == kJsonDepthMax) return false;
    skip_space();
    if (take(object ? '}' : ']')) return true;
    is_object_[depth_++] = object;
    opened_ = true;
    return !object || member_name();
  }

  // Behind a value: closes what ends there, up to where the next value begins.
  bool end_values() {
    for (skip_space(); depth_ > 0; skip_space()) {
      const bool object = is_object_[depth_ - 1];
      if (take(',')) return !object || member_name();
      if (!take(object ? '}' : ']')) return false;
      --depth_;
    }
    return true;
  }

  bool member_name() {
    skip_space();
    if (!string()) return false;
    skip_space();
    return take(':');
  }

  bool literal(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return false;
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c < 0x80) {
        ++at_;
      } else if (!next_code_point(text_, at_)) {
        return false;
      }
    }
    return false;
  }

  bool escape() {
    ++at_;
    if (!take('u')) {
      constexpr std::string_view kEscapes = "\"\\/bfnrt";
      if (at_ == text_.size() || kEscapes.find(text_[at_]) == std::string_view::npos) return false;
      ++at_;
      return true;
    }
    unsigned unit = 0;
    if (!hex4(unit) || (unit >= 0xdc00 && unit < 0xe000)) return false;
    if (unit < 0xd800 || unit >= 0xdc00) return true;
    return take('\\') && take('u') && hex4(unit) && unit >= 0xdc00 && unit < 0xe000;
  }

  bool hex4(unsigned& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        unit = unit * 16 + static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        unit = unit * 16 + static_cast<unsigned>(lower - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::bitset<kJsonDepthMax> is_object_;
  bool opened_ = false;
};

}  // namespace

bool is_json_value(std::string_view text) {
  return JsonScan(text).run();
}

}  // namespace runledger::eventlog
