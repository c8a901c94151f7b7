#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "measurement/cpu_models.h"
#include "measurement/launch_pages.h"

namespace measurement {

/// An SNP firmware version, such as 1.55 build 40.
struct SnpFirmware {
  std::uint8_t major = 0, minor = 0, build = 0;
  bool operator==(const SnpFirmware&) const = default;
};

/// Every field of an SNP attestation report. Whether the report is genuine is another question
/// (attestation/verify_snp.h): nothing here checks its signature. TCB versions are the 8 bytes as they stand; which
/// byte is which component depends on the processor.
struct SnpReport {
  std::uint32_t version = 0;  ///< 2 to 5
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0;
  std::array<std::uint8_t, 16> family_id{}, image_id{};
  std::uint32_t vmpl = 0;
  std::uint32_t signature_algorithm = 0;  ///< 1: ECDSA P-384 with SHA-384
  std::uint64_t current_tcb = 0, platform_info = 0;
  std::uint32_t key_info = 0;  ///< bit 0 AUTHOR_KEY_EN, bit 1 MASK_CHIP_KEY, bits 2 to 4 SIGNING_KEY
  std::array<std::uint8_t, 64> report_data{};
  LaunchDigest measurement;
  base::Sha256 host_data;
  base::Sha384 id_key_digest, author_key_digest;  ///< zero without ID block, or without author key
  std::array<std::uint8_t, 32> report_id{}, report_id_ma{};
  std::uint64_t reported_tcb = 0;
  std::optional<CpuVersion> host_cpu;  ///< the host's processor; absent before version 3
  /// CPUID.1.EAX of the host's processor, from family, model and stepping; absent before version 3.
  std::optional<std::uint32_t> host_cpuid_signature;
  std::array<std::uint8_t, 64> chip_id{};  ///< all zero when the host masks it; Turin uses the first 8 bytes
  std::uint64_t committed_tcb = 0;
  SnpFirmware current, committed;
  std::uint64_t launch_tcb = 0;
  std::optional<std::uint64_t> launch_mitigations, current_mitigations;  ///< absent before version 5
  std::array<std::uint8_t, 48> signature_r{}, signature_s{};             ///< least significant byte first
  /// Reserved bytes that are not zero, one sentence each; only read_snp_report() lets any be.
  std::vector<std::string> reserved;
};

/// The signature is over this many first bytes of the report.
inline constexpr std::size_t snp_report_signed_size = 0x2a0;
inline constexpr std::size_t snp_report_size = 1184;

/// Parses one report and nothing after it: 1184 bytes, reserved bytes zero.
/// Source: AMD 56860 revision 1.57, section 7.3, table 23 (ATTESTATION_REPORT).
/// @throws base::Error{malformed} with the offset, what was got and what was wanted
SnpReport parse_snp_report(base::Bytes bytes);

/// The same for a verifier, which wants to say everything that is wrong: reserved bytes that are not zero are named in
/// SnpReport::reserved. @throws base::Error{malformed} for another size or version only
SnpReport read_snp_report(base::Bytes bytes);

}  // namespace measurement
