#include "core/schedule/cron_fields.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace runledger::core {
namespace {

struct Range {
  unsigned first = 0;
  unsigned last = 0;
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x)) ==
           std::toupper(static_cast<unsigned char>(y));
  });
}

std::optional<unsigned> read_number(std::string_view text) {
  unsigned value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// One list of ranges with steps, for one field.
class FieldReader {
 public:
  explicit FieldReader(const CronField& field) : field_(field) {}

  std::variant<std::uint64_t, std::string> read(std::string_view text) {
    std::uint64_t bits = 0;
    while (true) {
      const std::size_t comma = std::min(text.find(','), text.size());
      if (!read_part(text.substr(0, comma), bits)) return std::move(problem_);
      if (comma == text.size()) break;
      text.remove_prefix(comma + 1);
    }
    return bits;
  }

 private:
  std::nullopt_t fail(std::string_view what, std::string_view got) {
    problem_ = std::string(field_.title) + ": expected " + std::string(what) + ", but got '" +
               std::string(got) + "'";
    return std::nullopt;
  }

  std::string limits() const {
    std::string text = std::to_string(field_.min) + " to " + std::to_string(field_.max);
    if (field_.names.empty()) return text;
    return text + " or a name such as " + std::string(field_.names[1]);
  }

  bool read_part(std::string_view part, std::uint64_t& bits) {
    const std::size_t slash = part.find('/');
    const std::string_view base = part.substr(0, slash);
    const auto range = read_range(base);
    if (!range) return false;
    unsigned step = 1;
    if (slash != std::string_view::npos) {
      if (base != "*" && base.find('-') == std::string_view::npos) {
        fail("a step after * or a range only", part);
        return false;
      }
      const auto read = read_step(part.substr(slash + 1));
      if (!read) return false;
      step = *read;
    }
    for (unsigned value = range->first; value <= range->last; value += step) {
      bits |= std::uint64_t{1} << (field_.is_weekday ? value % 7 : value);
    }
    return true;
  }

  std::optional<unsigned> read_step(std::string_view text) {
    const auto step = read_number(text);
    if (step && *step >= 1 && *step <= field_.max) return step;
    return fail("a step of 1 to " + std::to_string(field_.max), text);
  }

  std::optional<Range> read_range(std::string_view text) {
    if (text == "*") return Range{field_.min, field_.is_weekday ? 6 : field_.max};
    const std::size_t dash = text.find('-');
    const auto first = read_value(text.substr(0, dash));
    if (!first) return std::nullopt;
    if (dash == std::string_view::npos) return Range{*first, *first};
    auto last = read_value(text.substr(dash + 1));
    if (!last) return std::nullopt;
    if (field_.is_weekday && *last == 0 && *first != 0) last = 7;
    if (*first > *last) return fail("a range that goes upward", text);
    return Range{*first, *last};
  }

  std::optional<unsigned> read_value(std::string_view text) {
    for (std::size_t i = 0; i < field_.names.size(); ++i) {
      if (equal_ignoring_case(text, field_.names[i])) return field_.min + static_cast<unsigned>(i);
    }
    const auto value = read_number(text);
    if (value && *value >= field_.min && *value <= field_.max) return value;
    return fail(limits(), text);
  }

  const CronField& field_;
  std::string problem_;
};

}  // namespace

std::variant<std::uint64_t, std::string> read_cron_field(const CronField& field,
                                                         std::string_view text) {
  return FieldReader(field).read(text);
}

}  // namespace runledger::core
