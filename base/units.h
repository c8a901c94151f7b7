#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Whole mebibytes of guest memory or disk.
struct MiB {
  std::uint64_t count = 0;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return count << 20U; }
  auto operator<=>(const MiB&) const = default;
};

/// "512MiB", "8GiB" or "1TiB": a decimal number without leading zeros, below 10^8, and its unit; nullopt for other
/// text.
std::optional<MiB> parse_size(std::string_view text) noexcept;

/// A guest-physical address.
struct Gpa {
  std::uint64_t value = 0;
  auto operator<=>(const Gpa&) const = default;
};

/// A tenant's name: 1 to 20 of [a-z0-9-], first a letter, last no dash.
struct TenantId {
  std::string name;
  auto operator<=>(const TenantId&) const = default;
};

/// The kinds of TEE a tenant may ask for. `emulated` proves nothing against the operator.
enum class Tee { snp, tdx, emulated };

/// The two node pools of every tenant.
enum class Pool { control, worker };

constexpr const char* name_of(Tee tee) noexcept {
  return tee == Tee::snp ? "snp" : tee == Tee::tdx ? "tdx" : "emulated";
}
constexpr const char* name_of(Pool pool) noexcept {
  return pool == Pool::control ? "control" : "worker";
}

/// One guest of one tenant; `text()` is its name in evidence, tokens and verdicts: "worker/0".
struct GuestId {
  TenantId tenant;
  Pool pool = Pool::control;
  unsigned index = 0;
  [[nodiscard]] std::string text() const { return std::string(name_of(pool)) + "/" + std::to_string(index); }
  auto operator<=>(const GuestId&) const = default;
};

}  // namespace base
