#pragma once
#include <cstddef>
#include <cstdint>

/// An attestation report field by field, as the sev crate serializes it: where each member's bytes stand.
/// Source: AMD 56860 (SEV-SNP firmware ABI), ATTESTATION_REPORT; names of the sev crate's serialization.
namespace attestation::wire::snp_report {

inline constexpr std::size_t size = 1184;
/// Turin and later: TCB_VERSION begins with the FMC.
inline constexpr std::int64_t first_family_with_fmc = 0x1a;
/// Reports say what processor made them from this version on, and what mitigations it has from that.
inline constexpr std::uint32_t first_with_cpuid = 3, first_with_mitigations = 5;

struct Place {
  const char* name;
  std::size_t offset, size;
  std::uint32_t since = 0;  ///< version of the first report that has it
};
inline constexpr Place byte_fields[] = {{"family_id", 0x10, 16},          {"image_id", 0x20, 16},
                                        {"report_data", 0x50, 64},        {"measurement", 0x90, 48},
                                        {"host_data", 0xc0, 32},          {"id_key_digest", 0xe0, 48},
                                        {"author_key_digest", 0x110, 48}, {"report_id", 0x140, 32},
                                        {"report_id_ma", 0x160, 32},      {"chip_id", 0x1a0, 64}};
inline constexpr Place numbers[] = {{"version", 0x00, 4}, {"guest_svn", 0x04, 4}, {"policy", 0x08, 8},
                                    {"vmpl", 0x30, 4},    {"sig_algo", 0x34, 4},  {"plat_info", 0x40, 8},
                                    {"key_info", 0x48, 4}};
inline constexpr Place optional_numbers[] = {{"cpuid_fam_id", 0x188, 1, first_with_cpuid},
                                             {"cpuid_mod_id", 0x189, 1, first_with_cpuid},
                                             {"cpuid_step", 0x18a, 1, first_with_cpuid},
                                             {"launch_mit_vector", 0x1f8, 8, first_with_mitigations},
                                             {"current_mit_vector", 0x200, 8, first_with_mitigations}};
inline constexpr Place tcbs[] = {
    {"current_tcb", 0x38, 8}, {"reported_tcb", 0x180, 8}, {"committed_tcb", 0x1e0, 8}, {"launch_tcb", 0x1f0, 8}};
inline constexpr Place versions[] = {{"current", 0x1e8, 3}, {"committed", 0x1ec, 3}};
/// The parts of a version in their order.
inline constexpr const char* version_parts[] = {"build", "minor", "major"};
inline constexpr Place signature_numbers[] = {{"r", 0x2a0, 72}, {"s", 0x2e8, 72}};

/// Which byte of TCB_VERSION a part is. Source: AMD 56860, TCB_VERSION: Turin and later put the FMC first and the SNP
/// firmware beside the rest.
struct TcbPart {
  const char* name;
  std::size_t plain, with_fmc;
};
inline constexpr TcbPart tcb_parts[] = {{"bootloader", 0, 1}, {"tee", 1, 2}, {"snp", 6, 3}, {"microcode", 7, 7}};

}  // namespace attestation::wire::snp_report
