#include "measurement/uki.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "measurement/pe_image.h"
#include "measurement/stub_initrd.h"
#include "tests/measurement/pe_builder.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_pe::image;
using testing_pe::magic;
using testing_pe::Part;

std::vector<Part> all_sections(const std::string& version) {
  std::vector<Part> parts{magic(version)};
  for (const char* name : {".hwids", ".profile", ".pcrpkey", ".pcrsig", ".sbat", ".uname", ".dtb", ".splash", ".ucode",
                           ".initrd", ".cmdline", ".osrel", ".linux", ".other"})
    parts.push_back({name, std::string("data of ") + name});
  return parts;
}

std::vector<std::string> measured(const std::vector<Part>& parts) {
  std::vector<std::string> names;
  for (const BootEvent& event : uki_section_events(read_uki(image(parts))))
    if (event.what.starts_with("section ")) names.push_back(event.what.substr(8));
  return names;
}

TEST(Uki, IsMeasuredInTheOrderOfItsStub) {
  EXPECT_THAT(measured(all_sections("252.39-1~deb12u2")),
              testing::ElementsAre(".linux", ".osrel", ".cmdline", ".initrd", ".splash", ".dtb", ".pcrpkey"));
  EXPECT_THAT(measured(all_sections("254.26")), testing::ElementsAre(".linux", ".osrel", ".cmdline", ".initrd",
                                                                     ".splash", ".dtb", ".uname", ".sbat", ".pcrpkey"));
  std::vector<Part> newest = all_sections("257.13-1~deb13u1");
  newest.erase(newest.begin() + 2);  // .profile begins another profile: see below
  EXPECT_THAT(measured(newest), testing::ElementsAre(".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash",
                                                     ".dtb", ".uname", ".sbat", ".pcrpkey", ".hwids"));
}

TEST(Uki, HasItsStubsVersion) {
  const Uki uki = read_uki(image(all_sections("262.1-1")));
  EXPECT_EQ(uki.stub, 262U);
  EXPECT_EQ(uki.stub_version, "262.1-1");
}

TEST(Uki, TakesTheFirstSectionOfAName) {
  const Uki uki = read_uki(image({magic("257"), {".linux", "one"}, {".linux", "two"}}));
  EXPECT_EQ(base::text_of(uki.find(".linux")->data), "one");
}

TEST(Uki, SectionsOfTheDefaultProfileReplaceThoseBeforeIt) {
  const std::vector<Part> parts{{".linux", "kernel"},  {".cmdline", "base"}, {".profile", "ID=a"},
                                {".cmdline", "first"}, {".profile", "ID=b"}, {".cmdline", "second"},
                                magic("257")};
  std::vector<Part> with_magic_first{magic("257")};
  with_magic_first.insert(with_magic_first.end(), parts.begin(), parts.end() - 1);
  const Uki uki = read_uki(image(with_magic_first));
  EXPECT_EQ(base::text_of(uki.find(".cmdline")->data), "first");
  EXPECT_EQ(base::text_of(uki.find(".profile")->data), "ID=a");
  std::vector<Part> older = with_magic_first;
  older[0] = magic("254");
  EXPECT_EQ(base::text_of(read_uki(image(older)).find(".cmdline")->data), "base");
}

TEST(Uki, SectionsAreAsLongAsInMemory) {
  const Uki uki = read_uki(image({magic("257"), {".linux", "kernel and padding", 6}, {".initrd", "abc", 513}}));
  EXPECT_EQ(base::text_of(uki.find(".linux")->data), "kernel");
  EXPECT_EQ(uki.find(".initrd")->data.size(), 513U);
}

struct Refused {
  std::string name, message;
  base::Buffer file;
};

TEST(Uki, RefusesImagesOfAnotherKind) {
  const base::Buffer whole = image({magic("257"), {".linux", "kernel"}});
  const std::vector<Refused> cases{
      {"no PE", "got no 'MZ'", base::Buffer(512)},
      {"no stub", "no section .sdmagic", image({{".linux", "kernel"}})},
      {"another magic", "does not say", image({{".sdmagic", "#### LoaderInfo: systemd-boot 257 ####"}})},
      {"magic without end", "does not say", image({{".sdmagic", "#### LoaderInfo: systemd-stub 257"}})},
      {"version without number", "systemd-stub of version 'x'", image({magic("x"), {".linux", "kernel"}})},
      {"stub too old", "systemd-stub of version '251.2', wanted 252", image({magic("251.2"), {".linux", "kernel"}})},
      {"no kernel", "no section .linux", image({magic("257"), {".cmdline", "quiet"}})},
      {"huge in memory", "bytes in memory, only 512 in the file",
       image({magic("257"), {".linux", "kernel", 0x7fffffff}})},
      {"truncated", "ends past the end", base::Buffer(whole.begin(), whole.end() - 1)}};
  for (const Refused& bad : cases) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { read_uki(bad.file); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)));
  }
}

TEST(StubCommandLine, HasNoControlCharactersAndNoSpaceAround) {
  EXPECT_EQ(stub_command_line(" console=ttyS0\tquiet\n", 257), "console=ttyS0 quiet");
  EXPECT_EQ(stub_command_line(" console=ttyS0\tquiet\n", 254), " console=ttyS0 quiet");
  EXPECT_EQ(stub_command_line(std::string_view("a b\0c", 5), 257), "a b");
  EXPECT_EQ(stub_command_line(" \n", 252), "");
  EXPECT_THROW(stub_command_line("name=\xc3\xa9", 257), base::Error);
}

TEST(KernelVersion, StandsInTheSetupHeader) {
  base::Buffer kernel(0x800);
  const auto text = base::bytes_of("6.12.117+deb13-amd64 (someone)");
  std::copy(text.begin(), text.end(), kernel.begin() + 0x700);
  std::copy_n("HdrS", 4, kernel.begin() + 0x202);
  kernel[0x20e] = 0x00;
  kernel[0x20f] = 0x05;
  EXPECT_EQ(kernel_version(kernel), "6.12.117+deb13-amd64 (someone)");
  kernel[0x20f] = 0xff;
  EXPECT_EQ(kernel_version(kernel), std::nullopt);
  EXPECT_EQ(kernel_version(base::Buffer(16)), std::nullopt);
}

TEST(StubInitrd, OfOnePieceIsThatPiece) {
  const Uki uki = read_uki(image({magic("252.39"), {".linux", "kernel"}, {".initrd", "initrd"}, {".osrel", "ID=x"}}));
  EXPECT_EQ(stub_initrd(uki), digests_of(base::bytes_of("initrd")));
  const Uki bare = read_uki(image({magic("252.39"), {".linux", "kernel"}}));
  EXPECT_EQ(stub_initrd(bare), std::nullopt);
}

TEST(StubInitrd, StartsWithMicrocodePaddedToFourBytes) {
  const Uki uki = read_uki(image({magic("256"), {".linux", "kernel"}, {".initrd", "1234"}, {".ucode", "before"}}));
  EXPECT_EQ(stub_initrd(uki), digests_of(base::bytes_of(std::string_view("before\0\0"
                                                                         "1234",
                                                                         12))));
}

TEST(StubSections, OfTheRealStubsAreRead) {
  for (const auto& [version, size] :
       {std::pair{"252", 0xe2U}, std::pair{"254", 0xe2U}, std::pair{"257", 0xf9U}, std::pair{"262", 0x400U}}) {
    const base::Buffer stub = testing_files::read(testing_files::vectors() / "tdx/swtpm/inputs" /
                                                  (std::string(version) + "-linuxx64.efi.stub"));
    if (stub.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    bool found = false;
    for (const PeSection& section : pe_sections(stub))
      if (section.name == ".sbat") found = section.virtual_size == size;
    EXPECT_TRUE(found) << version;
    EXPECT_THAT([&] { read_uki(stub); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr(".linux")));
  }
}

}  // namespace
}  // namespace measurement
