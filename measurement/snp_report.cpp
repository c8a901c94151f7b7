#include "measurement/snp_report.h"

#include <algorithm>
#include <cstddef>

#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

template <std::size_t N>
using Field = std::array<std::uint8_t, N>;

struct Layout {
  base::le32 version, guest_svn;
  base::le64 policy;
  Field<16> family_id, image_id;
  base::le32 vmpl, signature_algorithm;
  base::le64 current_tcb, platform_info;
  base::le32 key_info, reserved_4c;
  Field<64> report_data;
  Field<48> measurement;
  Field<32> host_data;
  Field<48> id_key_digest, author_key_digest;
  Field<32> report_id, report_id_ma;
  base::le64 reported_tcb;
  std::uint8_t family, model, stepping;  ///< version 3 and later
  Field<21> reserved_18b;
  Field<64> chip_id;
  base::le64 committed_tcb;
  Field<3> current_build;
  std::uint8_t reserved_1eb;
  Field<3> committed_build;
  std::uint8_t reserved_1ef;
  base::le64 launch_tcb;
  base::le64 launch_mitigations, current_mitigations;  ///< version 5
  Field<152> reserved_208;
  Field<48> signature_r;  ///< of 72 bytes, least significant first: P-384 leaves the last 24 zero
  Field<24> signature_r_unused;
  Field<48> signature_s;
  Field<24> signature_s_unused;
  Field<368> signature_reserved;
};
static_assert(sizeof(Layout) == snp_report_size);
static_assert(offsetof(Layout, report_data) == 0x50 && offsetof(Layout, measurement) == 0x90);
static_assert(offsetof(Layout, host_data) == 0xc0 && offsetof(Layout, report_id) == 0x140);
static_assert(offsetof(Layout, family) == 0x188 && offsetof(Layout, chip_id) == 0x1a0);
static_assert(offsetof(Layout, launch_tcb) == 0x1f0 && offsetof(Layout, signature_r) == snp_report_signed_size);
static_assert(offsetof(Layout, signature_s) == 0x2e8 && offsetof(Layout, signature_reserved) == 0x330);

struct Range {
  std::size_t begin, end;
};

std::string at(std::size_t offset, const std::string& what) {
  return "SNP report+" + base::hex_number(offset) + ": " + what;
}

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::malformed, what);
}

/// The ranges that must be zero. Source: as for the report.
std::vector<Range> reserved_ranges(std::uint32_t version) {
  constexpr std::size_t cpuid_from = 3, mitigations_from = 5;
  return {{offsetof(Layout, reserved_4c), offsetof(Layout, report_data)},
          {version < cpuid_from ? offsetof(Layout, family) : offsetof(Layout, reserved_18b), offsetof(Layout, chip_id)},
          {offsetof(Layout, reserved_1eb), offsetof(Layout, committed_build)},
          {offsetof(Layout, reserved_1ef), offsetof(Layout, launch_tcb)},
          {version < mitigations_from ? offsetof(Layout, launch_mitigations) : offsetof(Layout, reserved_208),
           offsetof(Layout, signature_r)},
          {offsetof(Layout, signature_r_unused), offsetof(Layout, signature_s)},
          {offsetof(Layout, signature_s_unused), sizeof(Layout)}};
}

/// The first byte of each reserved range that is not zero.
std::vector<std::string> reserved_problems(base::Bytes bytes, std::uint32_t version) {
  std::vector<std::string> problems;
  for (const Range& range : reserved_ranges(version)) {
    for (std::size_t offset = range.begin; offset < range.end; ++offset) {
      if (bytes[offset] == 0) continue;
      problems.push_back(at(offset, "reserved byte is " + base::hex_number(bytes[offset]) + ", wanted 0"));
      break;
    }
  }
  return problems;
}

SnpFirmware firmware(const Field<3>& bytes) {
  return {bytes[2], bytes[1], bytes[0]};  // build, minor, major
}

/// Family, model and stepping; a stepping takes four bits of its byte.
void read_host_cpu(const Layout& layout, SnpReport& report) {
  constexpr unsigned largest_stepping = 0xf;
  report.host_cpu = CpuVersion{layout.family, layout.model, layout.stepping};
  if (layout.stepping <= largest_stepping)
    report.host_cpuid_signature = cpuid_signature(*report.host_cpu);
  else
    report.reserved.push_back(at(offsetof(Layout, stepping),
                                 "CPU stepping: got " + base::hex_number(layout.stepping) + ", wanted at most 0xf"));
}

void read_tcb(const Layout& layout, SnpReport& report) {
  report.current_tcb = layout.current_tcb.value();
  report.reported_tcb = layout.reported_tcb.value();
  report.committed_tcb = layout.committed_tcb.value();
  report.launch_tcb = layout.launch_tcb.value();
  report.current = firmware(layout.current_build);
  report.committed = firmware(layout.committed_build);
  if (report.version < 5) return;
  report.launch_mitigations = layout.launch_mitigations.value();
  report.current_mitigations = layout.current_mitigations.value();
}

}  // namespace

SnpReport parse_snp_report(base::Bytes bytes) {
  SnpReport report = read_snp_report(bytes);
  if (!report.reserved.empty()) refuse(report.reserved.front());
  return report;
}

SnpReport read_snp_report(base::Bytes bytes) {
  if (bytes.size() != sizeof(Layout))
    refuse(at(std::min(bytes.size(), sizeof(Layout)),
              "report of " + std::to_string(bytes.size()) + " bytes, wanted " + std::to_string(sizeof(Layout))));
  Layout layout;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(&layout));
  SnpReport report;
  report.version = layout.version.value();
  if (report.version < 2 || report.version > 5)
    refuse(at(0, "version " + std::to_string(report.version) + ", wanted 2 to 5"));
  report.reserved = reserved_problems(bytes, report.version);
  report.guest_svn = layout.guest_svn.value();
  report.policy = layout.policy.value();
  report.family_id = layout.family_id;
  report.image_id = layout.image_id;
  report.vmpl = layout.vmpl.value();
  report.signature_algorithm = layout.signature_algorithm.value();
  report.platform_info = layout.platform_info.value();
  report.key_info = layout.key_info.value();
  report.report_data = layout.report_data;
  report.measurement = LaunchDigest::from(layout.measurement);
  report.host_data = base::Sha256::from(layout.host_data);
  report.id_key_digest = base::Sha384::from(layout.id_key_digest);
  report.author_key_digest = base::Sha384::from(layout.author_key_digest);
  report.report_id = layout.report_id;
  report.report_id_ma = layout.report_id_ma;
  report.chip_id = layout.chip_id;
  read_tcb(layout, report);
  if (report.version >= 3) read_host_cpu(layout, report);
  report.signature_r = layout.signature_r;
  report.signature_s = layout.signature_s;
  return report;
}

}  // namespace measurement
