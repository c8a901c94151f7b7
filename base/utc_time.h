#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Points in time as seconds since 1970-01-01T00:00:00Z; nothing here looks at a clock.
namespace base {

/// "2026-11-25T22:19:03Z". @param seconds years 0 to 9999; others are clamped to the nearest such year
std::string utc_text(std::int64_t seconds);

/// The inverse, and what a person may write: RFC 3339 with a "T" or a blank, "Z" or an offset such as "+01:00", and a
/// fraction that is dropped; or decimal seconds since the epoch. nullopt when it is none of these.
/// Source: RFC 3339, section 5.6 (leap seconds are not accepted)
std::optional<std::int64_t> parse_utc(std::string_view text);

}  // namespace base
