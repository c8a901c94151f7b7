#include "attestation/appraise_tdx.h"

#include <gmock/gmock.h>

#include <functional>

#include "base/error.h"

namespace attestation {
namespace {

using measurement::TdQuote;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

base::Sha384 digest(std::uint8_t value) {
  base::Sha384 made;
  made.bytes.fill(value);
  return made;
}

/// What a quote of TDX 1.5 says of a TD that a service TD serves.
TdQuote::Later serving(const base::Sha384& service_td) {
  TdQuote::Later later;
  later.mr_service_td = service_td;
  return later;
}

/// A TD, its platform, and what its owners approved of it.
struct Case {
  TdQuote quote;
  TdxPlatformStanding platform;
  ApprovedGuest approved{"worker/0", {}, measurement::TdxReferenceValues{}};
  Case() {
    quote.td.attributes = 1ULL << 28U;
    quote.td.mrtd = digest(1);
    quote.td.mr_config_id = digest(2);
    quote.td.rtmr = {digest(3), digest(4), digest(5), digest(6)};
    platform.facts.emplace().ppid.fill(0xab);
    platform.facts->configuration.emplace().smt_enabled = true;
    platform.tcb.emplace().status = TcbStatus::up_to_date;
    values().mrtd.bytes.fill(1);
    values().mr_config_id.bytes.fill(2);
    values().rtmrs = {{{digest(3), digest(33)}, {digest(4)}, {digest(5)}}};
  }
  measurement::TdxReferenceValues& values() {
    return std::get<measurement::TdxReferenceValues>(approved.reference_values);
  }
  std::vector<std::string> problems() { return tdx_problems(quote, platform, approved); }
};

TEST(AppraiseTdx, AcceptsWhatWasApprovedWithEveryAlternativeOfARegister) {
  Case good;
  EXPECT_THAT(good.problems(), IsEmpty());
  good.quote.td.rtmr[0] = digest(33);
  good.quote.td.rtmr[3] = digest(77);
  EXPECT_THAT(good.problems(), IsEmpty()) << "RTMR3 belongs to what runs later";
}

struct Refused {
  const char* why;
  std::function<void(Case&)> bend;
  std::string problem;
};

const Refused refusals[] = {
    {"another firmware", [](Case& c) { c.quote.td.mrtd = digest(9); }, "MRTD: wanted 0101"},
    {"another kernel", [](Case& c) { c.quote.td.rtmr[1] = digest(9); }, "RTMR1: wanted 0404"},
    {"neither alternative", [](Case& c) { c.quote.td.rtmr[0] = digest(9); }, " or 2121"},
    {"foreign initdata", [](Case& c) { c.quote.td.mr_config_id = digest(9); }, "MRCONFIGID: wanted 0202"},
    {"an owner nobody approved", [](Case& c) { c.quote.td.mr_owner = digest(9); }, "MROWNER: wanted zeros, got 0909"},
    {"no owner where one is wanted", [](Case& c) { c.approved.hardware.mr_owner = digest(8); }, "MROWNER: wanted 0808"},
    {"an owner's configuration", [](Case& c) { c.quote.td.mr_owner_config = digest(9); },
     "MROWNERCONFIG: wanted zeros"},
    {"debug", [](Case& c) { c.quote.td.attributes |= 1U; }, "DEBUG: wanted off, got ATTRIBUTES 0x10000001"},
    {"migratable", [](Case& c) { c.quote.td.attributes |= 1U << 29U; }, "MIGRATABLE: wanted off"},
    {"a service TD", [](Case& c) { c.quote.later = serving(digest(9)); }, "MRSERVICETD: wanted zeros"},
    {"no SEPT_VE_DISABLE", [](Case& c) { c.quote.td.attributes = 0; }, "SEPT_VE_DISABLE: wanted on"},
    {"an attribute nobody knows", [](Case& c) { c.quote.td.attributes |= 1U << 4U; }, "nobody approved: 0x10"},
    {"another platform", [](Case& c) { c.approved.hardware.chips = {std::string(32, 'c')}; }, "got PPID abab"},
    {"an outdated platform",
     [](Case& c) {
       c.platform.tcb->status = TcbStatus::out_of_date;
       c.platform.tcb->advisories = {"INTEL-SA-00837"};
     },
     "TCB status: wanted UpToDate, got OutOfDate INTEL-SA-00837"},
    {"an unknown TCB", [](Case& c) { c.platform.tcb.reset(); }, "TCB status: wanted UpToDate, got unknown"},
    {"sibling threads", [](Case& c) { c.approved.hardware.smt = false; }, "SMT: wanted off, got on"},
    {"a platform that does not say",
     [](Case& c) {
       c.approved.hardware.smt = false;
       c.platform.facts->configuration.reset();
     },
     "SMT: wanted off, got unknown"},
};

class RefusedTd : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTd, IsRefusedForThatReasonAlone) {
  Case bent;
  GetParam().bend(bent);
  EXPECT_THAT(bent.problems(), ElementsAre(HasSubstr(GetParam().problem))) << GetParam().why;
}
INSTANTIATE_TEST_SUITE_P(Table, RefusedTd, testing::ValuesIn(refusals));

TEST(AppraiseTdx, NamesEverythingThatIsWrongAtOnce) {
  Case bent;
  for (const Refused& one : refusals) one.bend(bent);
  EXPECT_GE(bent.problems().size(), 10U);
}

TEST(AppraiseTdx, AllowsWhatTheOwnersAllow) {
  Case free;
  free.quote.td.attributes |= 1U | 1U << 29U;
  free.quote.later = serving(digest(9));
  free.platform.tcb->status = TcbStatus::sw_hardening_needed;
  free.approved.hardware.debug = free.approved.hardware.migration = true;
  free.approved.hardware.tcb_statuses = {"UpToDate", "SWHardeningNeeded"};
  free.approved.hardware.chips = {std::string(32, 'c'), base::hex(base::Buffer(16, 0xab))};
  EXPECT_THAT(free.problems(), IsEmpty());
}

TEST(AppraiseTdx, RefusesAGuestApprovedForAnotherTee) {
  Case other;
  other.approved.reference_values = measurement::SnpReferenceValues{};
  EXPECT_THAT(other.problems(), ElementsAre("the approval has no tdx reference values for worker/0"));
}

TEST(AppraiseTdx, SaysWhoseValuesTheyAre) {
  Case worker, control;
  control.approved.guest = "control/0";
  control.values().rtmrs[2] = {digest(55)};
  control.values().mr_config_id.bytes.fill(22);
  const Approval approval{"acme", "tdx", {}, std::nullopt, {worker.approved, control.approved}};
  TdQuote quote = worker.quote;
  quote.td.rtmr[2] = digest(55);
  quote.td.mr_config_id = digest(22);
  EXPECT_EQ(nearest_match(quoted_values(quote.td), approval), "nearest known match: control/0");
  quote.td.rtmr[1] = digest(9);
  EXPECT_EQ(nearest_match(quoted_values(quote.td), approval), "nearest known match: control/0, but for RTMR1");
  EXPECT_EQ(nearest_match(quoted_values(measurement::TdRegisters{}), approval), std::nullopt);
}

}  // namespace
}  // namespace attestation
