#include "measurement/uki_boot.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "measurement/secure_boot.h"
#include "tests/measurement/pe_builder.h"

namespace measurement {
namespace {

constexpr FirmwareProfile profile{FirmwareGeneration::from_202505, KernelSource::boot_file_first, InitrdWord::prefix,
                                  SecureBootVariable::zero};

/// An image whose kernel is a program too.
base::Buffer uki(const std::string& stub) {
  const std::string kernel = base::text_of(testing_pe::image({{".text", "kernel"}}));
  return testing_pe::image({testing_pe::magic(stub), {".linux", kernel}, {".cmdline", "console=ttyS0"}});
}

VariableStore with_platform_key() {
  return {{{std::string(global_variable_guid), "PK", 0x27, {1}}}};
}

bool has(const std::vector<BootEvent>& events, unsigned pcr, const std::string& what) {
  return std::any_of(events.begin(), events.end(),
                     [&](const BootEvent& event) { return event.pcr == pcr && event.what == what; });
}

TEST(UkiBoot, WithoutADiskIsQemusKernelAndThenThePassedCommandLineCounts) {
  const base::Buffer image = uki("257.13");
  UkiInputs inputs = uki_inputs(profile, {image, {}, {}, {}}, {});
  EXPECT_EQ(inputs.path, UkiPath::qemu_kernel);
  EXPECT_EQ(kernel_command_line(inputs), "console=ttyS0");
  inputs.load_options = "quiet";
  EXPECT_EQ(kernel_command_line(inputs), "quiet");
  EXPECT_TRUE(has(predict_uki_events(inputs), 12, "command line passed to the stub"));
}

TEST(UkiBoot, MeasuresTheInnerKernelUntilTheStubStartsItItself) {
  for (const auto& [stub, measured] : {std::pair{"257.13", true}, std::pair{"262.1", false}}) {
    const base::Buffer image = uki(stub);
    const UkiInputs inputs = uki_inputs(profile, {image, {}, {}, {}}, {});
    EXPECT_EQ(has(predict_uki_events(inputs), 4, std::string(kernel_in_image)), measured) << stub;
  }
}

TEST(UkiBoot, UnderSecureBootWantsASignature) {
  const base::Buffer image = uki("257.13");
  EXPECT_THAT([&] { uki_inputs(profile, {image, {}, {}, {}}, with_platform_key()); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("no entry of db verifies it")));
}

TEST(UkiBoot, UnderSecureBootKeepsItsCommandLineAndLeavesTheKernelToTheStub) {
  const base::Buffer image = uki("257.13");
  UkiInputs inputs = uki_inputs(profile, {image, {}, {}, {}}, {});
  inputs.variables = with_platform_key();
  inputs.load_options = "quiet";
  EXPECT_EQ(kernel_command_line(inputs), "console=ttyS0");
  EXPECT_FALSE(has(predict_uki_events(inputs), 12, "command line passed to the stub"));
  EXPECT_FALSE(has(predict_uki_events(inputs), 4, std::string(kernel_in_image)));
  const std::vector<Alternative> alternatives = uki_alternatives(inputs);
  ASSERT_EQ(alternatives.size(), 2U);
  EXPECT_TRUE(has(alternatives[1].events, 4, std::string(kernel_in_image)));
}

TEST(UkiBoot, OfAConfidentialGuestHasNoTaggedEventsOfSystemd) {
  const base::Buffer image = uki("257.13");
  UkiInputs inputs = uki_inputs(profile, {image, {}, {}, {}}, {});
  inputs.path = UkiPath::systemd_boot;
  inputs.loader = LoaderInputs{{}, 257, BankDigests{}};
  inputs.pcr1 = {separator_event(1)};
  EXPECT_TRUE(has(predict_uki_events(inputs), 5, "loader.conf"));
  inputs.measured_by = MeasuredBy::cc_registers;
  EXPECT_FALSE(has(predict_uki_events(inputs), 5, "loader.conf"));
  EXPECT_TRUE(has(predict_uki_events(inputs), 11, "section .linux"));
}

TEST(UkiBoot, OfAConfidentialGuestHasNoSectionsWithAStubBefore256) {
  const base::Buffer image = uki("254.26");
  UkiInputs inputs = uki_inputs(profile, {image, {}, {}, {}}, {});
  EXPECT_TRUE(has(predict_uki_events(inputs), 11, "section .linux"));
  inputs.measured_by = MeasuredBy::cc_registers;
  EXPECT_FALSE(has(predict_uki_events(inputs), 11, "section .linux"));
  EXPECT_TRUE(has(predict_uki_events(inputs), 9, "command line"));
}

}  // namespace
}  // namespace measurement
