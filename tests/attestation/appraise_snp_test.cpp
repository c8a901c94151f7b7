#include "attestation/appraise_snp.h"

#include <gmock/gmock.h>

#include <functional>

namespace attestation {
namespace {

using measurement::SnpReport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A Milan guest and what its owners approved of it.
struct Case {
  SnpReport report;
  std::optional<SnpProduct> product = SnpProduct::milan;
  ApprovedGuest approved{"worker/0", {}, measurement::SnpReferenceValues{}};
  Case() {
    report.version = 3;
    report.policy = 0x30000;
    report.guest_svn = 7;
    report.measurement.bytes.fill(1);
    report.host_data.bytes.fill(2);
    report.chip_id.fill(0xab);
    report.platform_info = 1;
    report.current_tcb = report.committed_tcb = report.reported_tcb = report.launch_tcb = milan(4, 0, 24, 219);
    values().launch_digest.bytes.fill(1);
    values().host_data.bytes.fill(2);
    values().policy = 0x30000;
    values().guest_svn = 7;
  }
  static std::uint64_t milan(std::uint64_t bootloader, std::uint64_t tee, std::uint64_t snp, std::uint64_t microcode) {
    return bootloader | tee << 8U | snp << 48U | microcode << 56U;
  }
  static base::Sha384 digest(std::uint8_t value) {
    base::Sha384 made;
    made.bytes.fill(value);
    return made;
  }
  measurement::SnpReferenceValues& values() {
    return std::get<measurement::SnpReferenceValues>(approved.reference_values);
  }
  std::vector<std::string> problems() { return snp_problems(report, product, approved); }
};

TEST(AppraiseSnp, AcceptsWhatWasApprovedAndNewerThanThat) {
  Case good;
  EXPECT_THAT(good.problems(), IsEmpty());
  good.report.guest_svn = 8;
  good.report.policy = 0x30037;
  good.approved.hardware.minimum_tcb["milan"] = {std::nullopt, 4, 0, 24, 219};
  EXPECT_THAT(good.problems(), IsEmpty()) << "a guest's SVN and the firmware's ABI may be newer";
}

TEST(AppraiseSnp, AcceptsALaunchWithTheApprovedIdBlock) {
  Case good;
  good.values().identity = measurement::SnpIdentity{{1}, {2}, Case::digest(8), Case::digest(9)};
  good.report.family_id[0] = 1;
  good.report.image_id[0] = 2;
  good.report.id_key_digest = Case::digest(8);
  good.report.author_key_digest = Case::digest(9);
  EXPECT_THAT(good.problems(), IsEmpty());
}

struct Refused {
  const char* why;
  std::function<void(Case&)> bend;
  std::string problem;
};

const Refused refusals[] = {
    {"another image", [](Case& c) { c.report.measurement.bytes.fill(9); }, "measurement: wanted 0101"},
    {"foreign initdata", [](Case& c) { c.report.host_data.bytes.fill(9); }, "HOST_DATA: wanted 0202"},
    {"an older guest", [](Case& c) { c.report.guest_svn = 6; }, "guest SVN: wanted at least 7, got 6"},
    {"another policy", [](Case& c) { c.report.policy = 0x130000; }, "guest policy: wanted 0x30000, got 0x130000"},
    {"an older ABI", [](Case& c) { c.values().policy = 0x30037; }, "guest policy: wanted 0x30037, got 0x30000"},
    {"debug that the policy of the approval would allow",
     [](Case& c) { c.report.policy = c.values().policy = 0xb0000; }, "DEBUG: wanted off, got 0xb0000"},
    {"migration that the policy of the approval would allow",
     [](Case& c) { c.report.policy = c.values().policy = 0x70000; }, "MIGRATE_MA: wanted off"},
    {"VMPL 1", [](Case& c) { c.report.vmpl = 1; }, "VMPL: wanted 0, got 1"},
    {"somebody's ID block", [](Case& c) { c.report.id_key_digest = Case::digest(9); }, "ID key digest: wanted zeros"},
    {"no ID block where one is wanted", [](Case& c) { c.values().identity.emplace().id_key_digest = Case::digest(8); },
     "ID key digest: wanted 0808"},
    {"another ID key",
     [](Case& c) {
       c.values().identity.emplace().id_key_digest = Case::digest(8);
       c.report.id_key_digest = Case::digest(9);
     },
     "ID key digest: wanted 0808"},
    {"an ID key nobody vouched for",
     [](Case& c) {
       c.values().identity.emplace().author_key_digest = Case::digest(8);
       c.report.author_key_digest = Case::digest(9);
     },
     "author key digest: wanted 0808"},
    {"another family", [](Case& c) { c.values().identity.emplace().family_id[0] = 5; }, "family ID: wanted 0500"},
    {"somebody's image", [](Case& c) { c.report.image_id[0] = 5; }, "image ID: wanted zeros"},
    {"another author", [](Case& c) { c.report.author_key_digest = Case::digest(9); },
     "author key digest: wanted zeros"},
    {"firmware that can be rolled back", [](Case& c) { c.report.committed_tcb = Case::milan(4, 0, 23, 219); },
     "firmware: wanted committed"},
    {"an old boot loader",
     [](Case& c) {
       c.approved.hardware.minimum_tcb["milan"] = {std::nullopt, 5, {}, {}, {}};
       c.report.committed_tcb = c.report.current_tcb = c.report.launch_tcb = Case::milan(5, 0, 24, 219);
     },
     "reported TCB: bootloader: wanted at least 5, got 4"},
    {"old microcode at launch",
     [](Case& c) {
       c.approved.hardware.minimum_tcb["milan"] = {std::nullopt, {}, {}, {}, 219};
       c.report.launch_tcb = Case::milan(4, 0, 24, 218);
     },
     "launch TCB: microcode: wanted at least 219, got 218"},
    {"a product without a minimum", [](Case& c) { c.approved.hardware.minimum_tcb["genoa"] = {}; },
     "TCB: the approval has no minimum for Milan"},
    {"another chip", [](Case& c) { c.approved.hardware.chips = {std::string(128, 'c')}; }, "chip: wanted one of 1"},
};

class RefusedSnpGuest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedSnpGuest, IsRefusedForThatReasonAlone) {
  Case bent;
  GetParam().bend(bent);
  EXPECT_THAT(bent.problems(), ElementsAre(HasSubstr(GetParam().problem))) << GetParam().why;
}
INSTANTIATE_TEST_SUITE_P(Table, RefusedSnpGuest, testing::ValuesIn(refusals));

TEST(AppraiseSnp, RefusesSiblingThreadsOfGuestAndHost) {
  Case guest;
  guest.approved.hardware.smt = false;
  EXPECT_THAT(guest.problems(), ElementsAre(HasSubstr("guest policy: SMT: wanted off"), HasSubstr("SMT: wanted off")));
}

TEST(AppraiseSnp, KnowsATurinChipByItsFirstEightBytes) {
  Case turin;
  turin.product = SnpProduct::turin;
  std::fill(turin.report.chip_id.begin() + 8, turin.report.chip_id.end(), std::uint8_t{0});
  turin.approved.hardware.chips = {base::hex(base::Buffer(8, 0xab))};
  EXPECT_THAT(turin.problems(), IsEmpty());
  EXPECT_THAT(revocable_facts(turin.report, turin.product, "worker/0").chips,
              ElementsAre(base::hex(base::Buffer(8, 0xab))));
  turin.report.chip_id.fill(0);
  EXPECT_THAT(revocable_facts(turin.report, turin.product, "worker/0").chips, IsEmpty()) << "a masked chip has no id";
}

}  // namespace
}  // namespace attestation
