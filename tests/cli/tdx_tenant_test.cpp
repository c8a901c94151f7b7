#include <gmock/gmock.h>

#include "attestation/approval.h"
#include "base/error.h"
#include "base/json.h"
#include "cli/approve.h"
#include "cli/measure.h"
#include "cli/measure_tdx.h"
#include "cli/plan.h"
#include "pinned_tenant.h"
#include "tests/measurement/test_files.h"
#include "tests/provisioner/installed_qemu.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

/// Ubuntu's OVMF 2025.02-3ubuntu2, whose MRTD tdx-measure publishes (shared vectors, tdx/manifest.json).
constexpr const char* published_mrtd =
    "7357a10d2e2724dffe68813e3cc4cfcde6814d749f2fb62e3953e54f6e0b50a219786afe2cd478f684b52c61837e1114";

/// `plan`, `measure` and `approve` of a TDX tenant, with the tables of the QEMU that is installed here.
class TdxTenant : public PinnedTenant {
 protected:
  void SetUp() override {
    namespace files = measurement::testing_files;
    const base::Buffer firmware = files::read(files::vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd");
    if (firmware.empty()) GTEST_SKIP() << "no firmware for TDX; set BULKHEAD_VECTORS";
    if (testing_qemu::version().empty()) GTEST_SKIP() << "no " << testing_qemu::program();
    base::write_file_atomically(file("firmware"), firmware, 0644);
    write_tenant("tdx", "host");
  }
  /// "worker/0" and the others by name.
  std::map<std::string, Json> measured() {
    out_.str("");
    EXPECT_EQ(
        measure({.documents = pinned_documents(), .qemu = testing_qemu::program(), .output = {.json = true}}, console_),
        0);
    const Json document = Json::parse(out_.str(), "measurement");
    std::map<std::string, Json> guests;
    for (const Json& guest : document.at("guests").array()) guests[guest.at("guest").text()] = guest;
    return guests;
  }
  base::Error measure_refusal(const std::string& qemu = testing_qemu::program()) {
    return refusal([&] { measure({.documents = pinned_documents(), .qemu = qemu}, console_); });
  }
};

TEST_F(TdxTenant, HasThePublishedMrtdAndEachGuestsInitdataAsMrConfigId) {
  const auto guests = measured();
  ASSERT_EQ(guests.size(), 3U);
  std::set<std::string> bound;
  for (const auto& [name, guest] : guests) {
    const Json& tdx = guest.at("referenceValues").at("tdx");
    EXPECT_EQ(tdx.at("mrtd").text(), published_mrtd) << name;
    bound.insert(tdx.at("mrConfigId").text());
  }
  EXPECT_EQ(bound.size(), 3U);
}

TEST_F(TdxTenant, HasTheRegistersThatMeasureTdxPredictsForItsShape) {
  MeasureTdxOptions options;
  options.files.firmware = file("firmware");
  options.files.kernel = file("kernel");
  options.files.initrd = file("initrd");
  options.files.command_line = "console=ttyS0";
  options.machine = {.vcpus = "2", .memory = "2GiB", .cpu = "host", .disks = 2, .qemu = testing_qemu::program()};
  options.acpi = "qemu";
  const Json alone = tdx_output(options).json;
  const Json planned = measured().at("worker/1").at("referenceValues").at("tdx");
  for (unsigned index = 0; index < 3; ++index)
    EXPECT_EQ(planned.at("rtmrs").array()[index].array()[0], alone.at("rtmr").array()[index]) << index;
  EXPECT_EQ(planned.at("rtmrs").array()[1].array().size(), 2U) << "ExitBootServices may be called again";
}

TEST_F(TdxTenant, TellsPoolsOfAnotherShapeApartInRtmr0) {
  const auto guests = measured();
  const auto rtmr0 = [&](const char* guest) {
    return guests.at(guest).at("referenceValues").at("tdx").at("rtmrs").array()[0].compact();
  };
  EXPECT_EQ(rtmr0("worker/0"), rtmr0("worker/1"));
  EXPECT_NE(rtmr0("control/0"), rtmr0("worker/0"));
}

TEST_F(TdxTenant, IsApprovedWithWhatMeasurePrinted) {
  EXPECT_EQ(plan({.documents = pinned_documents(), .out = file(""), .qemu = testing_qemu::program(), .offline = true},
                 console_),
            2);
  EXPECT_THAT(out_.str(), HasSubstr(("MRTD " + std::string(published_mrtd)).substr(0, 17)));
  EXPECT_THAT(base::read_file(file("initech.plan.json")), HasSubstr("<mrConfigId>"));
  EXPECT_EQ(approve({.documents = pinned_documents(),
                     .plan = file("initech.plan.json"),
                     .keys = {file("initech-approval.key")},
                     .out = file("approval"),
                     .valid_days = {},
                     .qemu = testing_qemu::program()},
                    console_),
            0);
  const auto envelope = base::Envelope::parse(base::read_file(file("approval")), "approval");
  const auto approval = attestation::Approval::parse(envelope.payload);
  for (const auto& [name, guest] : measured())
    EXPECT_EQ(reference_values_json(approval.find(name)->reference_values), guest.at("referenceValues")) << name;
}

TEST_F(TdxTenant, FollowsTheHostsPageOrder) {
  write_site("pageOrder: two-pass");
  EXPECT_NE(measured().at("worker/0").at("referenceValues").at("tdx").at("mrtd").text(), published_mrtd);
}

TEST_F(TdxTenant, IsRefusedWhereQemuHasNoTablesForIt) {
  EXPECT_EQ(measure_refusal("/nowhere/qemu").kind(), base::Kind::host);
  write_site("machine: pc");
  EXPECT_THAT(measure_refusal().what(), HasSubstr("machine: got 'pc', wanted q35"));
  write_site("machine: pc-q35-99.0");
  const base::Error unknown = measure_refusal();
  EXPECT_EQ(unknown.kind(), base::Kind::host);
  EXPECT_THAT(unknown.what(), HasSubstr("machine type"));
}

TEST_F(TdxTenant, IsRefusedWithFirmwareThatStartsNoTd) {
  write("firmware", std::string(8192, 'f'));
  write_tenant("tdx", "host");
  EXPECT_THAT(measure_refusal().what(), HasSubstr("tee tdx: the firmware starts no TDX guest"));
}

}  // namespace
}  // namespace cli
