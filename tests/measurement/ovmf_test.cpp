#include "measurement/ovmf.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "tests/measurement/firmware_image.h"

namespace measurement {
namespace {

using namespace firmware_image;

TEST(OvmfFooter, IsReadFromTheEndUpwards) {
  const base::Buffer bytes = firmware();
  const std::vector<FooterEntry> table = read_footer_table(bytes);
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table[1].guid, sev_es_reset_guid);
  EXPECT_EQ(table[1].data.size(), 4U);
}

TEST(OvmfMetadata, KeepsTheOrderOfTheTable) {
  const SevFirmware found = read_sev_firmware(firmware());
  ASSERT_EQ(found.sections.size(), 2U);
  EXPECT_EQ(found.sections[1].type, SevSectionType::kernel_hashes);
  EXPECT_EQ(found.boot.hash_table->address, 0x810c00U);
  EXPECT_EQ(found.boot.hash_table->size, 0x400U);
  EXPECT_EQ(found.boot.reset_address, 0x80b004U);
}

TEST(OvmfMetadata, SaysWhatToInstallWhenTheFirmwareHasNone) {
  try {
    read_sev_firmware(firmware({{sev_es_reset_guid, 0x80b004}}));
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    EXPECT_THAT(error.what(), testing::HasSubstr("ovmf-amdsev"));
  }
}

struct Damage {
  std::string name;
  std::size_t at;
  std::uint64_t value;
  std::size_t size;
  std::string message;
};
class DamagedOvmf : public testing::TestWithParam<Damage> {};

TEST_P(DamagedOvmf, IsRefusedWithItsPlace) {
  base::Buffer bytes = firmware();
  put(bytes, GetParam().at, GetParam().value, GetParam().size);
  EXPECT_THAT([&] { read_sev_firmware(bytes); },
              testing::ThrowsMessage<base::Error>(
                  testing::AllOf(testing::HasSubstr("+0x"), testing::HasSubstr(GetParam().message))));
}

constexpr std::size_t end = 0x2000 - 32;
INSTANTIATE_TEST_SUITE_P(
    Field, DamagedOvmf,
    testing::Values(Damage{"footer GUID", end - 16, 0, 4, "no GUID table"},
                    Damage{"table length short", end - 18, 17, 2, "length 17 is outside"},
                    Damage{"table length long", end - 18, 0xffff, 2, "length 65535 is outside"},
                    Damage{"table ends inside an entry", end - 18, 18 + 10, 2, "crosses the start"},
                    Damage{"entry length", end - 36, 17, 2, "length 17, wanted 18 to"},
                    Damage{"metadata distance", end - 40, 0x3000, 4, "before the file"},
                    Damage{"signature", 0x1000, 0, 4, "no 'ASEV'"},
                    Damage{"metadata length", 0x1004, 41, 4, "length 41, wanted 16 + 12 * 2"},
                    Damage{"version", 0x1008, 2, 4, "version 2, wanted 1"},
                    Damage{"count", 0x100c, 0xffffffff, 4, "wanted 16 + 12 * 4294967295"},
                    Damage{"alignment", 0x1010, 0x800001, 4, "wanted whole pages"},
                    Damage{"empty section", 0x1014, 0, 4, "wanted whole pages"},
                    Damage{"section in the firmware", 0x1010, 0xfffff000, 4, "reaches into the firmware"},
                    Damage{"type", 0x1018, 5, 4, "type 0x5"},
                    Damage{"overlap", 0x101c, 0x808000, 4, "overlaps 0x800000"},
                    Damage{"hash page size", 0x1020, 0x2000, 4, "wanted 0x1000"},
                    Damage{"hash table size", end - 84, 0xaf, 4, "0xaf bytes, wanted at least 0xb0"}));

TEST(OvmfMetadata, RefusesSecretsAndCpuidSectionsOfSeveralPages) {
  for (const std::uint32_t type : {2U, 3U}) {
    base::Buffer bytes = firmware();
    put(bytes, 0x1018, type, 4);
    EXPECT_THAT([&] { read_sev_firmware(bytes); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr("has 0x9000 bytes, wanted 0x1000")))
        << type;
  }
}

TEST(OvmfFooter, ReadsAHashTableWithoutAnAddressAsNone) {
  EXPECT_FALSE(read_sev_boot_blocks(firmware({{sev_hash_table_guid, 0, 0}})).hash_table.has_value());
  EXPECT_FALSE(read_sev_boot_blocks(firmware({})).reset_address.has_value());
}

TEST(OvmfFooter, RefusesAnEntryTooShortForItsContent) {
  EXPECT_THAT([] { read_sev_boot_blocks(firmware({{sev_hash_table_guid, 0x810c00}})); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("needs 4 bytes, 0 left")));
}

TEST(OvmfFooter, RefusesAGuidThatOccursTwice) {
  EXPECT_THAT([] { read_footer_table(firmware({{sev_es_reset_guid, 1}, {sev_es_reset_guid, 2}})); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("occurs twice")));
}

TEST(OvmfFooter, RefusesAFileTooSmallForATable) {
  EXPECT_THROW(read_footer_table(base::Buffer(49)), base::Error);
}

}  // namespace
}  // namespace measurement
