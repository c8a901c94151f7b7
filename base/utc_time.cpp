#include "base/utc_time.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace base {
namespace {

constexpr std::int64_t minute = 60, hour = 3600, day = 86'400;
constexpr std::int64_t first = -62'167'219'200, last = 253'402'300'799;  // of years 0 and 9999

std::string digits(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

/// Reads a text front to back; after a mismatch everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  /// Exactly `width` digits.
  std::int64_t number(std::size_t width) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = next();
      good_ = good_ && c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    return value;
  }
  void expect(std::string_view any_of) { good_ = good_ && any_of.find(next()) != std::string_view::npos; }
  char next() {
    if (text_.empty()) {
      good_ = false;
      return '\0';
    }
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }
  void skip_fraction() {
    if (!text_.starts_with('.')) return;
    text_.remove_prefix(1);
    number(1);
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') text_.remove_prefix(1);
  }
  [[nodiscard]] bool done() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

/// Seconds that "Z", "+HH:MM" or "-HH:MM" is ahead of UTC.
std::int64_t offset(Scanner& scanner) {
  const char sign = scanner.next();
  if (sign == 'Z' || sign == 'z') return 0;
  const std::int64_t hours = scanner.number(2);
  scanner.expect(":");
  const std::int64_t minutes = scanner.number(2);
  if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59) scanner.expect("");  // fails
  return (sign == '-' ? -1 : 1) * (hours * hour + minutes * minute);
}

std::optional<std::int64_t> epoch_seconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < first || value > last) return std::nullopt;
  return value;
}

}  // namespace

std::string utc_text(std::int64_t seconds) {
  const std::int64_t at = std::clamp(seconds, first, last);
  const std::int64_t days = at / day - (at % day < 0 ? 1 : 0);
  const std::int64_t rest = at - days * day;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return digits(static_cast<int>(date.year()), 4) + "-" + digits(static_cast<unsigned>(date.month()), 2) + "-" +
         digits(static_cast<unsigned>(date.day()), 2) + "T" + digits(rest / hour, 2) + ":" +
         digits(rest % hour / minute, 2) + ":" + digits(rest % minute, 2) + "Z";
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  if (const auto seconds = epoch_seconds(text)) return seconds;
  Scanner scanner(text);
  const auto year = scanner.number(4);
  scanner.expect("-");
  const auto month = scanner.number(2);
  scanner.expect("-");
  const auto day_of_month = scanner.number(2);
  scanner.expect("Tt ");
  const auto hours = scanner.number(2);
  scanner.expect(":");
  const auto minutes = scanner.number(2);
  scanner.expect(":");
  const auto seconds = scanner.number(2);
  scanner.skip_fraction();
  const auto ahead = offset(scanner);
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day_of_month)}};
  if (!scanner.done() || !date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return days * day + hours * hour + minutes * minute + seconds - ahead;
}

}  // namespace base
