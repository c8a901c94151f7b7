#include "base/units.h"

#include <charconv>

namespace base {

std::optional<MiB> parse_size(std::string_view text) noexcept {
  constexpr std::size_t unit_size = 3, most_digits = 8;
  if (text.size() <= unit_size) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - unit_size), unit = text.substr(digits.size());
  std::uint64_t count = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const bool number = problem == std::errc() && end == digits.data() + digits.size();
  if (!number || digits.size() > most_digits || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  if (unit == "MiB") return MiB{count};
  if (unit == "GiB") return MiB{count << 10U};
  return unit == "TiB" ? std::optional(MiB{count << 20U}) : std::nullopt;
}

}  // namespace base
