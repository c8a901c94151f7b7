#include "cli/flag_values.h"

#include <charconv>
#include <optional>
#include <set>

#include "base/error.h"
#include "measurement/ovmf.h"

namespace cli {
namespace {

std::optional<std::uint64_t> parsed(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  if (text.empty() || (!hexadecimal && text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

unsigned vcpu_count(std::string_view text, const std::string& list) {
  const std::optional<std::uint64_t> count = parsed(text);
  if (!count || text.starts_with("0x")) wanted("--vcpus", "counts such as 4, 1,2,4 or 1-8", list);
  if (*count == 0 || *count > measurement::most_vcpus)
    throw base::Error(base::Kind::malformed,
                      "vCPUs: got " + std::string(text) + ", wanted 1 to " + std::to_string(measurement::most_vcpus));
  return static_cast<unsigned>(*count);
}

}  // namespace

std::uint64_t number_of(const std::string& flag, const std::string& text, std::uint64_t most) {
  const std::optional<std::uint64_t> value = parsed(text);
  if (!value) wanted(flag, "a number such as 33 or 0x21", text);
  if (*value > most) wanted(flag, "at most " + std::to_string(most), text);
  return *value;
}

base::MiB memory_of(const std::string& flag, const std::string& text) {
  const std::string unit = text.ends_with("iB") ? "" : "iB";  // QEMU's 2G is 2GiB
  const auto size = base::parse_size(text + unit);
  if (size && size->count != 0) return *size;
  throw base::Error(base::Kind::usage, flag + ": got '" + text + "', wanted a size such as 2GiB or 2048MiB");
}

std::vector<unsigned> vcpu_counts(const std::string& text) {
  std::set<unsigned> counts;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view item = std::string_view(text).substr(at, comma - at);
    const std::size_t dash = item.find('-');
    const unsigned first = vcpu_count(item.substr(0, dash), text);
    const unsigned last = dash == std::string_view::npos ? first : vcpu_count(item.substr(dash + 1), text);
    if (last < first) wanted("--vcpus", "ascending ranges", text);
    for (unsigned count = first; count <= last; ++count) counts.insert(count);
    at = comma + 1;
  }
  return {counts.begin(), counts.end()};
}

}  // namespace cli
