#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/schedule/cron.h"
#include "core/schedule/cron_fields.h"

namespace runledger::core {
namespace {

constexpr std::size_t kExpressionBytesMax = 512;
constexpr std::size_t kFields = 5;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMacros{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@yearly", "0 0 1 1 *"}}};

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kSpaces = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpaces), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace

std::variant<Cron, CronError> Cron::parse(std::string_view expression) {
  if (expression.size() > kExpressionBytesMax) {
    return CronError{"expected an expression of at most " + std::to_string(kExpressionBytesMax) +
                     " bytes"};
  }
  auto words = words_of(expression);
  if (words.size() == 1 && words[0].starts_with('@')) {
    for (const auto& [name, meaning] : kMacros) {
      if (words[0] == name) return parse(meaning);
    }
    return CronError{"expected @hourly, @daily, @weekly, @monthly or @yearly, but got '" +
                     std::string(words[0]) + "'"};
  }
  if (words.size() != kFields) {
    return CronError{
        "expected five fields (minute, hour, day of month, month, day of week), but got " +
        std::to_string(words.size())};
  }
  constexpr std::array<const CronField*, kFields> kForms{&kMinute, &kHour, &kDay, &kMonth,
                                                         &kWeekday};
  std::array<std::uint64_t, kFields> bits{};
  for (std::size_t i = 0; i < kFields; ++i) {
    auto read = read_cron_field(*kForms[i], words[i]);
    if (auto* problem = std::get_if<std::string>(&read)) return CronError{std::move(*problem)};
    bits[i] = std::get<std::uint64_t>(read);
  }
  Cron cron;
  cron.minutes_ = bits[0];
  cron.hours_ = static_cast<std::uint32_t>(bits[1]);
  cron.days_ = static_cast<std::uint32_t>(bits[2]);
  cron.months_ = static_cast<std::uint16_t>(bits[3]);
  cron.weekdays_ = static_cast<std::uint8_t>(bits[4]);
  // As in crontab(5): a field that begins with * does not restrict, even if it has a step.
  cron.any_day_ = words[2].starts_with('*');
  cron.any_weekday_ = words[4].starts_with('*');
  return cron;
}

}  // namespace runledger::core
