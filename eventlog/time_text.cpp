#include "eventlog/time_text.h"

#include <array>
#include <charconv>
#include <chrono>

namespace runledger::eventlog {
namespace {

constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";

// Where the numbers stand in the form, and how many digits they have.
struct Field {
  std::size_t at;
  std::size_t digits;
};
constexpr std::array<Field, 7> kFields = {
    {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 6}}};

void put_digits(std::string& text, const Field& field, std::int64_t number) {
  for (std::size_t i = field.digits; i-- > 0; number /= 10) {
    text[field.at + i] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::string utc_text(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds{time_us}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<microseconds> clock{at - day};
  const std::array<std::int64_t, kFields.size()> numbers = {
      static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), clock.hours().count(),
      clock.minutes().count(),           clock.seconds().count(),
      clock.subseconds().count()};
  std::string text(kForm);
  for (std::size_t i = 0; i < numbers.size(); ++i) put_digits(text, kFields[i], numbers[i]);
  return text;
}

std::optional<std::int64_t> parse_utc_text(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != kForm.size()) return std::nullopt;
  std::array<int, kFields.size()> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const char* first = text.data() + kFields[i].at;
    std::from_chars(first, first + kFields[i].digits, numbers[i]);
  }
  const year_month_day date{year{numbers[0]}, month{static_cast<unsigned>(numbers[1])},
                            day{static_cast<unsigned>(numbers[2])}};
  if (!date.ok()) return std::nullopt;
  const auto at = sys_days{date} + hours{numbers[3]} + minutes{numbers[4]} + seconds{numbers[5]} +
                  microseconds{numbers[6]};
  const std::int64_t time_us = at.time_since_epoch().count();
  if (time_us < kTextTimeUsMin || time_us > kTextTimeUsMax) return std::nullopt;
  if (utc_text(time_us) != text) return std::nullopt;  // a hour 24, a sign, another separator
  return time_us;
}

}  // namespace runledger::eventlog
