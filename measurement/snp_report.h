#pragma once
#include <array>
#include <optional>

#include "base/digest.h"
#include "measurement/launch_pages.h"

namespace measurement {

/// The fields of an SNP attestation report that the launch decided. Whether the report is genuine is another question:
/// nothing here checks its signature.
struct SnpReport {
  std::uint32_t version = 0;  ///< 2 to 5
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0;
  std::array<std::uint8_t, 16> family_id{}, image_id{};
  std::uint32_t vmpl = 0;
  std::array<std::uint8_t, 64> report_data{};
  LaunchDigest measurement;
  base::Sha256 host_data;
  base::Sha384 id_key_digest, author_key_digest;  ///< zero without ID block, or without author key
  std::uint64_t reported_tcb = 0;
  /// CPUID.1.EAX of the host's processor, from family, model and stepping; absent before version 3.
  std::optional<std::uint32_t> host_cpuid_signature;
};

/// Parses one report and nothing after it: 1184 bytes, reserved bytes zero.
/// Source: AMD 56860 revision 1.57, section 7.3, table 23 (ATTESTATION_REPORT).
/// @throws base::Error{malformed} with the offset, what was got and what was wanted
SnpReport parse_snp_report(base::Bytes bytes);

}  // namespace measurement
