#include "measurement/smbios.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing_files::read;
using testing_files::vectors;

const BiosStrings upstream{"EDK II", "unknown", "02/02/2022"};
const BiosStrings debian_sid{"Debian distribution of EDK II", "2026.08+ds-2", "09/26/2026"};

base::Buffer bytes(std::string_view text) {
  return base::buffer_of(base::bytes_of(text));
}

using namespace std::string_view_literals;
constexpr std::string_view end_of_table = "\x7f\x04\x00\x7f\x00\x00"sv;

// The log of a real TD (Emerald Rapids; chutesai) has this digest for its SMBIOS event.
TEST(Smbios, IsMeasuredAsARealTdLogged) {
  const base::Buffer tables = read(vectors() / "tdx/smbios/chutes_qemu_fwcfg_smbios.bin");
  if (tables.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  EXPECT_EQ(base::sha384(measured_smbios(tables, upstream, std::nullopt)).hex(),
            "6801eb1ddd477a6a52232e291d4287b0e8f047d8f289546a0621cede30a9913d52c5eff1d8e299b064a9162fbe2f6f76");
}

struct Boot {
  const char* name;
  const char* sha384;
};
class MeasuredSmbios : public testing::TestWithParam<Boot> {};

// The digests are those of the firmware's log under swtpm.
TEST_P(MeasuredSmbios, IsThatOfTheBoot) {
  const base::Buffer tables = read(vectors() / "tdx/swtpm" / GetParam().name / "smbios_fwcfg.bin");
  if (tables.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  EXPECT_EQ(base::sha384(measured_smbios(tables, debian_sid, std::nullopt)).hex(), GetParam().sha384);
}

INSTANTIATE_TEST_SUITE_P(
    Boots, MeasuredSmbios,
    testing::Values(
        Boot{"d-612-ovmf2608",
             "8a44938640437ede0167bbfd04edd86f3309c3d0bac144d3decc8ebb45c94635f94bbae1915f0a981cd55a344c40e76f"},
        Boot{"e-612-ovmf2608-q111",
             "91778083999c5b2292502bcfab47e84266224f67fa4da4b6e92d32b9eabbbbf0bb764ba1b548fab0df6a8aefa5b4a9ec"},
        Boot{"g-dev",
             "e9089fa6ee04eb9bd69e25d23463db2c5fefd817dcd1f0204a7847d82ddf5b4273a999c0e08b1f3a9cda5bd0ba617623"},
        Boot{"sb262",
             "7d7f734be03f07ba29bdd8ba5127edb496e56fc5a17365e749f18cce057a6b73fd2e49dfdacceb8ec103377fdc0c7a21"},
        Boot{"sboff",
             "8a44938640437ede0167bbfd04edd86f3309c3d0bac144d3decc8ebb45c94635f94bbae1915f0a981cd55a344c40e76f"},
        Boot{"u252",
             "7d7f734be03f07ba29bdd8ba5127edb496e56fc5a17365e749f18cce057a6b73fd2e49dfdacceb8ec103377fdc0c7a21"},
        Boot{"u257",
             "7d7f734be03f07ba29bdd8ba5127edb496e56fc5a17365e749f18cce057a6b73fd2e49dfdacceb8ec103377fdc0c7a21"},
        Boot{"u262",
             "7d7f734be03f07ba29bdd8ba5127edb496e56fc5a17365e749f18cce057a6b73fd2e49dfdacceb8ec103377fdc0c7a21"},
        Boot{"u262nc",
             "7d7f734be03f07ba29bdd8ba5127edb496e56fc5a17365e749f18cce057a6b73fd2e49dfdacceb8ec103377fdc0c7a21"}));

TEST(Smbios, KeepsATypeZeroOfTheHypervisor) {
  const base::Buffer given = bytes("\x00\x05\x00\x00\x01Mine\0\0"sv);
  base::Buffer tables = given;
  base::append(tables, base::bytes_of(end_of_table));
  const base::Buffer measured = measured_smbios(tables, upstream, std::nullopt);
  EXPECT_EQ(base::Buffer(measured.begin(), measured.end() - 6), given);
}

TEST(Smbios, LosesSerialNumbersAndUuids) {
  base::Buffer tables = bytes("\x01\x1b\x00\x01\x01\x02\x00\x03"sv);
  tables.resize(0x1b, 0x55);
  tables[0x18] = 6;
  base::append(tables, base::bytes_of("QEMU\0Machine\0SERIAL\0\0"sv));
  base::append(tables, base::bytes_of(end_of_table));
  const base::Buffer measured = measured_smbios(tables, upstream, std::nullopt);
  EXPECT_EQ(measured[7], 0);
  EXPECT_EQ(measured[8] | measured[0x17] | measured[0x18], 0);
  EXPECT_EQ(measured[0x19], 0x55);
  EXPECT_THAT(base::text_of(measured), HasSubstr(std::string("QEMU\0Machine\0      \0\0", 21)));
}

TEST(Smbios, LosesAllOfOemStructures) {
  base::Buffer tables = bytes(
      "\x80\x06\x01\x00\xaa\xbb"
      "text\0\0"sv);
  base::append(tables, base::bytes_of(end_of_table));
  const base::Buffer measured = measured_smbios(tables, upstream, std::nullopt);
  EXPECT_EQ(base::Buffer(measured.begin(), measured.begin() + 12), bytes("\x80\x06\x01\0\0\0\0\0\0\0\0\0"sv));
}

TEST(Smbios, TakesTheProcessorIdOfTheHost) {
  base::Buffer tables = bytes("\x04\x10\x00\x04"sv);
  tables.resize(0x10, 0x11);
  base::append(tables, base::bytes_of("\0\0"sv));
  base::append(tables, base::bytes_of(end_of_table));
  const ProcessorId emerald_rapids{0xf2, 0x06, 0x0c, 0x00, 0xff, 0xfb, 0xa9, 0x1f};
  const base::Buffer measured = measured_smbios(tables, upstream, emerald_rapids);
  EXPECT_TRUE(std::equal(emerald_rapids.begin(), emerald_rapids.end(), measured.begin() + 8));
  EXPECT_NE(measured_smbios(tables, upstream, std::nullopt), measured);
}

struct Damage {
  std::string_view bytes;
  const char* message;
};
TEST(Smbios, IsRefusedWhenItIsDamaged) {
  for (const Damage& damage :
       {Damage{""sv, "no end-of-table"}, Damage{"\x01\x04\x00"sv, "needs 4 bytes"},
        Damage{"\x01\x03\x00\x00\x00\x00"sv, "structure of 3 bytes"}, Damage{"\x01\x20\x00\x00\x00\x00"sv, "needs 28"},
        Damage{"\x02\x04\x00\x00text\0"sv, "strings have no end"},
        Damage{"\x02\x04\x00\x00\x00\x00"sv, "+0x6: no end-of-table"},
        Damage{"\x02\x08\x00\x00\x01\x01\x01\x05"
               "One\0\0\x7f\x04\x00\x00\x00\x00"sv,
               "no string 5 in type 2"},
        Damage{"\x02\x08\x00\x00\x01\x01\x01\x01\0\0\x7f\x04\x00\x00\x00\x00"sv, "no string 1 in type 2"}})
    EXPECT_THAT([&] { measured_smbios(base::bytes_of(damage.bytes), upstream, std::nullopt); },
                testing::ThrowsMessage<base::Error>(HasSubstr(damage.message)))
        << damage.message;
}

// The data section of Debian's build of 2025.02: padding instructions stand between the strings.
TEST(BiosStrings, AreFoundBehindTheTypeZeroStructure) {
  base::Buffer volume = bytes("....\x00\x1a\x00\x00\x01\x02\x00\xe8\x03\x00\x08\x00"sv);
  base::append(volume, base::bytes_of("\0\0\0\0\0\0\0\x1c\0\0\xff\xff\0\0\x66\x0f\x1f\x44\0\0"sv));
  const auto add = [&volume](std::string_view text, std::string_view padding) {
    base::append(volume, base::utf16le(text));
    base::append(volume, base::bytes_of("\0\0"sv));
    base::append(volume, base::bytes_of(padding));
  };
  add("11/08/2025", "\x66\x2e\x0f\x1f\x84\0\0\0\0\0"sv);
  add("2025.02-8+deb13u1", "\0\0\0\0\x66\x2e\x0f\x1f\x84\0\0\0\0\0\x66\x2e\x0f\x1f\x84\0\0\0\0\0\x0f\x1f\x40\0"sv);
  add("Debian distribution of EDK II", ""sv);
  volume.resize(volume.size() + 0x200);
  EXPECT_EQ(find_bios_strings(volume),
            (BiosStrings{"Debian distribution of EDK II", "2025.02-8+deb13u1", "11/08/2025"}));
}

TEST(BiosStrings, AreThoseOfEdk2WhereTheBuildNamesNothing) {
  base::Buffer volume = bytes("\x00\x1a\x00\x00\x01\x02\x00\xe8\x03\x00\x08\x00\0\0\0\0\0\0\0\x1c\0\0\xff\xff\0\0"sv);
  volume.resize(volume.size() + 4);  // two empty strings
  base::append(volume, base::utf16le("EDK II"));
  volume.resize(volume.size() + 0x40);
  EXPECT_EQ(find_bios_strings(volume), upstream);
  EXPECT_EQ(find_bios_strings(base::Buffer(64)), std::nullopt);
}

}  // namespace
}  // namespace measurement
