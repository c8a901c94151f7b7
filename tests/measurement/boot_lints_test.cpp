#include "measurement/boot_lints.h"

#include <gmock/gmock.h>

namespace measurement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LintInputs good() {
  LintInputs inputs;
  inputs.machine = "pc-q35-10.0";
  inputs.command_line = "console=ttyS0";
  inputs.kernel_version = "6.12.117+deb13-amd64 (someone)";
  return inputs;
}

Uki stub(unsigned version) {
  return {version, std::to_string(version) + ".1", {}};
}

TEST(BootWarnings, AreNoneForAPinnedMachineAndAnOlderStub) {
  const Uki uki = stub(257);
  LintInputs inputs = good();
  EXPECT_THAT(boot_warnings(inputs), IsEmpty());
  inputs.uki = &uki;
  inputs.path = UkiPath::removable_media;
  EXPECT_THAT(boot_warnings(inputs), IsEmpty());
}

TEST(BootWarnings, NameTheRemedyForTheBootSecret) {
  const Uki uki = stub(262);
  LintInputs inputs = good();
  inputs.uki = &uki;
  EXPECT_THAT(boot_warnings(inputs), IsEmpty());  // QEMU -kernel
  inputs.path = UkiPath::systemd_boot;
  EXPECT_THAT(boot_warnings(inputs), ElementsAre(HasSubstr("PCR 9 cannot be predicted: build the image with a stub")));
}

TEST(BootWarnings, WantAConsoleWhereTheStubWouldAddOne) {
  const Uki uki = stub(262);
  LintInputs inputs = good();
  inputs.uki = &uki;
  inputs.command_line = "quiet";
  EXPECT_THAT(boot_warnings(inputs), ElementsAre(HasSubstr("put console= into")));
}

TEST(BootWarnings, NameWhatKeepsRtmr2Empty) {
  const Uki uki = stub(254);
  LintInputs inputs = good();
  inputs.tee = base::Tee::tdx;
  inputs.uki = &uki;
  inputs.kernel_version = "6.1.0-56-amd64 (someone)";
  EXPECT_THAT(boot_warnings(inputs), ElementsAre(HasSubstr("stub of 257"), HasSubstr("kernel 6.1 measures neither"),
                                                 HasSubstr("take the TPM out")));
  inputs.tee = base::Tee::emulated;
  EXPECT_THAT(boot_warnings(inputs), IsEmpty());
}

TEST(BootWarnings, WantAPinnedMachine) {
  for (const char* machine : {"q35", "pc", "", "pc-q35"}) {
    LintInputs inputs = good();
    inputs.machine = machine;
    EXPECT_THAT(boot_warnings(inputs), ElementsAre(HasSubstr("machine type '"))) << machine;
  }
  EXPECT_TRUE(is_pinned_machine("pc-i440fx-9.2"));
}

TEST(BootWarnings, SaySecureBootLeavesPcr7Open) {
  LintInputs inputs = good();
  inputs.unknown_authority = true;
  EXPECT_THAT(boot_warnings(inputs), ElementsAre(HasSubstr("PCR 7")));
}

}  // namespace
}  // namespace measurement
