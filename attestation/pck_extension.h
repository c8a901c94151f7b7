#pragma once
#include <array>
#include <optional>

#include "base/bytes.h"

namespace attestation {

inline constexpr const char* sgx_extension_oid = "1.2.840.113741.1.13.1";

/// What Intel certified about a platform: the SGX extension of a PCK certificate.
/// Source: Intel SGX PCK Certificate and CRL Profile, revision 1.5, table 3-1.
struct PckExtension {
  enum class Type : std::uint8_t { standard, scalable, scalable_with_integrity };
  struct Configuration {  ///< of platform (multi-package) certificates; a member may be absent
    std::optional<bool> dynamic_platform, cached_keys, smt_enabled;
  };
  std::array<std::uint8_t, 16> ppid{};
  std::array<std::uint8_t, 16> component_svns{};  ///< the SGX TCB components 1 to 16
  std::uint16_t pce_svn = 0;
  std::array<std::uint8_t, 16> cpu_svn{};
  std::array<std::uint8_t, 2> pce_id{};
  std::array<std::uint8_t, 6> fmspc{};
  Type type = Type::standard;
  std::optional<std::array<std::uint8_t, 16>> platform_instance_id;
  std::optional<Configuration> configuration;
};

/// @param der the extension's value: a SEQUENCE of (object identifier, value)
/// @throws base::Error{malformed} naming the offset: a member that is missing, unknown or there twice, or of another
/// type or size
PckExtension parse_pck_extension(base::Bytes der);

}  // namespace attestation
