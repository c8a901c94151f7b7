#include "measurement/snp_report.h"

#include <algorithm>
#include <cstddef>

#include "base/encoding.h"
#include "base/error.h"
#include "measurement/cpu_models.h"

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
  Field<512> signature;
};
static_assert(sizeof(Layout) == 1184);
static_assert(offsetof(Layout, report_data) == 0x50 && offsetof(Layout, measurement) == 0x90);
static_assert(offsetof(Layout, host_data) == 0xc0 && offsetof(Layout, report_id) == 0x140);
static_assert(offsetof(Layout, family) == 0x188 && offsetof(Layout, chip_id) == 0x1a0);
static_assert(offsetof(Layout, launch_tcb) == 0x1f0 && offsetof(Layout, signature) == 0x2a0);

struct Range {
  std::size_t begin, end;
};

[[noreturn]] void refuse(std::size_t offset, const std::string& what) {
  throw base::Error(base::Kind::malformed, "SNP report+" + base::hex_number(offset) + ": " + what);
}

void expect_zero(base::Bytes bytes, Range range) {
  for (std::size_t at = range.begin; at < range.end; ++at)
    if (bytes[at] != 0) refuse(at, "reserved byte is " + base::hex_number(bytes[at]) + ", wanted 0");
}

void expect_reserved(base::Bytes bytes, std::uint32_t version) {
  constexpr std::size_t cpuid_from = 3, mitigations_from = 5;
  expect_zero(bytes, {offsetof(Layout, reserved_4c), offsetof(Layout, report_data)});
  expect_zero(bytes, {version < cpuid_from ? offsetof(Layout, family) : offsetof(Layout, reserved_18b),
                      offsetof(Layout, chip_id)});
  expect_zero(bytes, {offsetof(Layout, reserved_1eb), offsetof(Layout, committed_build)});
  expect_zero(bytes, {offsetof(Layout, reserved_1ef), offsetof(Layout, launch_tcb)});
  expect_zero(bytes,
              {version < mitigations_from ? offsetof(Layout, launch_mitigations) : offsetof(Layout, reserved_208),
               offsetof(Layout, signature)});
}

}  // namespace

SnpReport parse_snp_report(base::Bytes bytes) {
  if (bytes.size() != sizeof(Layout))
    refuse(std::min(bytes.size(), sizeof(Layout)),
           "report of " + std::to_string(bytes.size()) + " bytes, wanted " + std::to_string(sizeof(Layout)));
  Layout layout;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(&layout));
  SnpReport report;
  report.version = layout.version.value();
  if (report.version < 2 || report.version > 5)
    refuse(0, "version " + std::to_string(report.version) + ", wanted 2 to 5");
  expect_reserved(bytes, report.version);
  report.guest_svn = layout.guest_svn.value();
  report.policy = layout.policy.value();
  report.family_id = layout.family_id;
  report.image_id = layout.image_id;
  report.vmpl = layout.vmpl.value();
  report.report_data = layout.report_data;
  report.measurement = LaunchDigest::from(layout.measurement);
  report.host_data = base::Sha256::from(layout.host_data);
  report.id_key_digest = base::Sha384::from(layout.id_key_digest);
  report.author_key_digest = base::Sha384::from(layout.author_key_digest);
  report.reported_tcb = layout.reported_tcb.value();
  if (report.version >= 3)
    report.host_cpuid_signature = cpuid_signature(CpuVersion{layout.family, layout.model, layout.stepping});
  return report;
}

}  // namespace measurement
