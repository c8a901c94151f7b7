#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "measurement/firmware_profile.h"
#include "measurement/linux_kernel.h"
#include "measurement/pe_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

void put(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

base::Buffer bzimage() {
  base::Buffer kernel(0x1000);
  put(kernel, 0x1fe, 0xaa55, 2);
  std::copy_n("HdrS", 4, kernel.begin() + 0x202);
  put(kernel, 0x206, 0x20f, 2);
  put(kernel, 0x211, 1, 1);
  put(kernel, 0x22c, 0x7fffffff, 4);
  put(kernel, 0x236, 2, 2);
  return kernel;
}

struct Place {
  std::uint64_t memory, initrd, address;
};
// Worked out from QEMU's formula (x86_load_linux): below 4 GiB, minus 0x28000 for ACPI, minus one, minus the size.
TEST(SetupHeaderPatch, PlacesTheInitrdBelowTheAcpiTables) {
  for (const Place& place : {Place{1024, 0x1000, 0x3ffd6000}, Place{2048, 0x1000, 0x7ffd6000},
                             Place{2815, 0x1000, 0xaefd6000 + 0xf00000}, Place{2816, 0x1000, 0x7ffd6000},
                             Place{8192, 0x1234567, 0x7ffd7fff - 0x1234567 - ((0x7ffd7fff - 0x1234567) & 4095)}}) {
    const auto patch = setup_header_patch(bzimage(), {place.initrd, {place.memory}, "x"});
    EXPECT_EQ(patch.initrd->first, place.address) << place.memory;
    EXPECT_EQ(patch.initrd->second, place.initrd);
  }
}

struct Mode {
  std::string command_line;
  std::optional<std::uint16_t> value;
};
TEST(SetupHeaderPatch, ReadsTheVideoModeAsQemuDoes) {
  for (const auto& [line, value] :
       {Mode{"console=ttyS0", std::nullopt}, Mode{"vga=normal x", 0xffff}, Mode{"a vga=ext", 0xfffe},
        Mode{"vga=ask", 0xfffd}, Mode{"vga=0x317 b", 0x317}, Mode{"vga=791", 791}, Mode{"vga=010", 8}})
    EXPECT_EQ(setup_header_patch(bzimage(), {std::nullopt, {1024}, line}).video_mode, value) << line;
  EXPECT_THROW(setup_header_patch(bzimage(), {std::nullopt, {1024}, "vga=best"}), base::Error);
}

TEST(PatchedKernel, DiffersOnlyInTheFieldsOfThePatch) {
  const base::Buffer kernel = bzimage();
  const base::Buffer patched = patched_kernel(kernel, setup_header_patch(kernel, {0x1000, {1024}, "x"}));
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < kernel.size(); ++i)
    if (kernel[i] != patched[i]) changed.push_back(i);
  EXPECT_EQ(changed, (std::vector<std::size_t>{0x210, 0x211, 0x219, 0x21a, 0x21b, 0x21d, 0x225, 0x22a}));
}

struct BadKernel {
  std::string name;
  std::size_t at;
  std::uint64_t value;
  std::string message;
};
TEST(LinuxKernel, IsRefusedWithItsPlaceWhenItIsNoBzimage) {
  for (const BadKernel& bad :
       {BadKernel{"boot flag", 0x1fe, 0, "kernel+0x1fe"}, BadKernel{"magic", 0x202, 0, "kernel+0x202"},
        BadKernel{"protocol", 0x206, 0x201, "boot protocol 0x201, wanted 0x202"}}) {
    base::Buffer kernel = bzimage();
    put(kernel, bad.at, bad.value, 2);
    EXPECT_THAT([&] { setup_header_patch(kernel, {std::nullopt, {1024}, "x"}); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)))
        << bad.name;
  }
  EXPECT_THROW(setup_header_patch(base::Buffer(0x267), {std::nullopt, {1024}, "x"}), base::Error);
  EXPECT_THROW(setup_header_patch(bzimage(), {1ULL << 30U, {64}, "x"}), base::Error);
}

base::Buffer pe() {
  base::Buffer image(0x400);
  put(image, 0, 0x5a4d, 2);
  put(image, 0x3c, 0x40, 4);
  put(image, 0x40, 0x4550, 4);
  put(image, 0x46, 1, 2);     // sections
  put(image, 0x54, 0xf0, 2);  // optional header
  put(image, 0x58, 0x20b, 2);
  put(image, 0x58 + 60, 0x200, 4);
  put(image, 0x58 + 108, 16, 4);
  put(image, 0x148 + 16, 0x100, 4);
  put(image, 0x148 + 20, 0x200, 4);
  return image;
}

TEST(Authenticode, IgnoresTheChecksumAndTheCertificates) {
  base::Buffer image = pe();
  const BankDigests before = authenticode_digests(image);
  put(image, 0x58 + 64, 0x12345678, 4);
  EXPECT_EQ(authenticode_digests(image), before);
  image[0x3ff] = 1;
  EXPECT_NE(authenticode_digests(image), before);
}

TEST(Authenticode, RefusesDamagedHeadersWithTheirPlace) {
  struct Damage {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
    std::string message;
  };
  for (const Damage& bad :
       {Damage{0, 0, 2, "no 'MZ'"}, Damage{0x3c, 0x401, 4, "past the end of the file"}, Damage{0x40, 0, 4, "no 'PE'"},
        Damage{0x46, 0xffff, 2, "needs"}, Damage{0x54, 4, 2, "PE optional header+0x5a"},
        Damage{0x58, 0x107, 2, "magic is 0x107"}, Damage{0x58 + 60, 0x10, 4, "SizeOfHeaders is 0x10"},
        Damage{0x58 + 60, 0x401, 4, "SizeOfHeaders is 0x401"},
        Damage{0x148 + 20, 0xffffff00, 4, "section 0 ends past the end"}, Damage{0xec, 0x200, 4, "the file only"}}) {
    base::Buffer image = pe();
    put(image, bad.at, bad.value, bad.size);
    EXPECT_THAT([&] { authenticode_digests(image); }, testing::ThrowsMessage<base::Error>(testing::AllOf(
                                                          testing::HasSubstr("+0x"), testing::HasSubstr(bad.message))));
  }
}

TEST(FirmwareProfile, OfTheInstalledOvmfIsFound) {
  const base::Buffer firmware = testing_files::read("/usr/share/OVMF/OVMF_CODE_4M.fd");
  if (firmware.empty()) GTEST_SKIP() << "package ovmf is not installed";
  const FirmwareProfile profile = detect_firmware_profile(firmware);
  EXPECT_LT(profile.generation, FirmwareGeneration::from_202605);
  EXPECT_EQ(profile.initrd_word, InitrdWord::suffix);
}

TEST(FirmwareProfile, OfTheVectorsFirmwareIsFound) {
  const base::Buffer ubuntu =
      testing_files::read(testing_files::vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd");
  const base::Buffer sid = testing_files::read(testing_files::vectors() / "snp/debian/OVMF.amdsev.fd");
  if (ubuntu.empty() || sid.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  // This build of 2025.02 has no code that reads fw_cfg etc/boot/.
  EXPECT_EQ(detect_firmware_profile(ubuntu).generation, FirmwareGeneration::from_202411);
  EXPECT_EQ(detect_firmware_profile(ubuntu).kernel_source, KernelSource::legacy_items);
  EXPECT_EQ(detect_firmware_profile(ubuntu).initrd_word, InitrdWord::suffix);
  EXPECT_EQ(detect_firmware_profile(sid).generation, FirmwareGeneration::from_202505);
  EXPECT_EQ(detect_firmware_profile(sid).initrd_word, InitrdWord::prefix);
}

TEST(FirmwareProfile, OfAnIntelTdxBuildSaysThatItMeasuresFwCfgAndLeavesTheMenuOut) {
  const auto folder = std::getenv("BULKHEAD_TDX_FIRMWARE");
  if (folder == nullptr) GTEST_SKIP() << "BULKHEAD_TDX_FIRMWARE is not set";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename() != "OVMF.inteltdx.ms.fd") continue;
    const FirmwareProfile profile = detect_firmware_profile(testing_files::read(entry.path()));
    EXPECT_EQ(profile.fw_cfg_events, FwCfgEvents::measured);
    EXPECT_GE(profile.generation, FirmwareGeneration::from_202505);
    EXPECT_EQ(profile.generation,
              generation_of_release(profile.bios->version.substr(0, 4) + profile.bios->version.substr(5, 2)));
    EXPECT_THAT(profile.bios->vendor, testing::HasSubstr("distribution of EDK II"));
  }
}

TEST(FirmwareProfile, GenerationsStartAtStableReleases) {
  using enum FirmwareGeneration;
  EXPECT_EQ(generation_of_release("202211"), before_202411);
  EXPECT_EQ(generation_of_release("202408"), before_202411);
  EXPECT_EQ(generation_of_release("202411"), from_202411);
  EXPECT_EQ(generation_of_release("202502"), from_202411);
  EXPECT_EQ(generation_of_release("202505"), from_202505);
  EXPECT_EQ(generation_of_release("202602"), from_202505);
  EXPECT_EQ(generation_of_release("202605"), from_202605);
  for (const char* text : {"", "P2", "2025", "202513", "202500", "2025.2", "0202505"})
    EXPECT_EQ(generation_of_release(text), std::nullopt) << text;
}

TEST(FirmwareProfile, RefusesFilesThatAreNoFirmware) {
  EXPECT_THROW(detect_firmware_profile({}), base::Error);
  EXPECT_THROW(detect_firmware_profile(base::Buffer(65536, 0xff)), base::Error);
}

}  // namespace
}  // namespace measurement
