#include <algorithm>
#include <charconv>

#include "core/workflow/json_node.h"

namespace runledger::core {
namespace {

// 0.digits * 10^exponent, the first and the last digit not 0; no digits: zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

// An exponent that does not fit is so far out that the digits beside it do not matter.
std::int64_t read_exponent(std::string_view text) {
  constexpr std::int64_t kFar = std::int64_t{1} << 60;
  const bool negative = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > kFar) value = kFar;
  return negative ? -value : value;
}

Decimal read_decimal(std::string_view text) {
  Decimal number;
  if (text.starts_with('-')) {
    number.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  if (e != std::string_view::npos) number.exponent = read_exponent(text.substr(e + 1));
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  number.exponent += static_cast<std::int64_t>(point);
  for (const char c : mantissa) {
    if (c == '.') continue;
    if (c == '0' && number.digits.empty()) {
      --number.exponent;
    } else {
      number.digits += c;
    }
  }
  while (!number.digits.empty() && number.digits.back() == '0') number.digits.pop_back();
  if (number.digits.empty()) return {};
  return number;
}

int compare_sizes(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) {
    return static_cast<int>(!a.digits.empty()) - static_cast<int>(!b.digits.empty());
  }
  if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return a.digits.compare(b.digits);
}

}  // namespace

int compare_json_numbers(std::string_view a, std::string_view b) {
  const Decimal left = read_decimal(a);
  const Decimal right = read_decimal(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  const int sizes = compare_sizes(left, right);
  return left.negative ? -sizes : sizes;
}

}  // namespace runledger::core
