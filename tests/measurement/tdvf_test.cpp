#include "measurement/tdvf.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/tdvf_image.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing_files::put;
using testing_files::tdvf_descriptor;
using testing_files::tdvf_entries;
using testing_files::tdvf_image;

TEST(Tdvf, KeepsTheOrderOfTheMetadata) {
  const std::vector<TdvfSection> sections = read_tdvf(tdvf_image());
  ASSERT_EQ(sections.size(), 4U);
  EXPECT_EQ(sections[0].address, base::Gpa{0xfffff000});
  EXPECT_TRUE(sections[0].extended);
  EXPECT_EQ(sections[1].type, TdvfSectionType::configuration_volume);
  EXPECT_EQ(sections[2].type, TdvfSectionType::hand_off_block);
  EXPECT_FALSE(sections[2].extended);
  EXPECT_TRUE(sections[3].augmented);
}

TEST(Tdvf, GivesTheBytesOfVolumesOnly) {
  const base::Buffer image = tdvf_image();
  const std::vector<TdvfSection> sections = read_tdvf(image);
  EXPECT_EQ(sections[1].data(image).data(), image.data() + 0x1000);
  EXPECT_EQ(sections[1].data(image).size(), 0x1000U);
  EXPECT_TRUE(sections[2].data(image).empty());
}

TEST(Tdvf, SaysWhatToInstallWhenTheFirmwareHasNone) {
  base::Buffer image = tdvf_image();
  image[image.size() - 32 - 18 - 1] ^= 1U;  // another GUID
  try {
    read_tdvf(image);
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    EXPECT_THAT(error.what(), HasSubstr("ovmf-inteltdx"));
  }
}

struct Damage {
  std::size_t at;
  std::uint64_t value;
  std::size_t size;
  const char* message;
};
class DamagedTdvf : public testing::TestWithParam<Damage> {};

TEST_P(DamagedTdvf, IsRefusedWithItsPlace) {
  base::Buffer image = tdvf_image();
  put(image, GetParam().at, GetParam().value, GetParam().size);
  try {
    read_tdvf(image);
    FAIL() << "no error, wanted " << GetParam().message;
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("+0x"), HasSubstr(GetParam().message)));
  }
}

constexpr std::size_t distance = 0x3000 - 32 - 18 - 22;
constexpr std::size_t second = tdvf_entries + 32, third = tdvf_entries + 64, fourth = tdvf_entries + 96;
INSTANTIATE_TEST_SUITE_P(
    Field, DamagedTdvf,
    testing::Values(Damage{distance, 0x4000, 4, "before the file"}, Damage{distance, 8, 4, "needs 16 bytes, 8 left"},
                    Damage{tdvf_descriptor, 0, 4, "no 'TDVF' signature"},
                    Damage{tdvf_descriptor + 4, 145, 4, "length 145, wanted 16 + 32 * 4"},
                    Damage{tdvf_descriptor + 8, 2, 4, "version 2, wanted 1"},
                    Damage{tdvf_descriptor + 12, 1, 4, "1 sections, wanted 2 to 64"},
                    Damage{tdvf_descriptor + 12, 0xffffffff, 4, "4294967295 sections"},
                    Damage{tdvf_entries, 0x2001, 4, "ends past the end of the firmware"},
                    Damage{tdvf_entries, 0xffffffff, 4, "ends past the end of the firmware"},
                    Damage{tdvf_entries + 4, 0x1001, 4, "wanted at most 0x1000"},
                    Damage{tdvf_entries + 4, 0, 4, "BFV section 0xfffff000 has 0x0 bytes of data, wanted some"},
                    Damage{third + 4, 1, 4, "TD_HOB section 0x809000 has 0x1 bytes of data, wanted none"},
                    Damage{tdvf_entries + 8, 0xfffff800, 8, "wanted whole pages"},
                    Damage{tdvf_entries + 16, 0, 8, "wanted whole pages"},
                    Damage{tdvf_entries + 8, 0x100000000, 8, "ends above 4 GiB"},
                    Damage{tdvf_entries + 16, 0xfffffffffffff000, 8, "ends above 4 GiB"},
                    Damage{second + 8, 0xfffff000, 8, "CFV section 0xfffff000 overlaps BFV section 0xfffff000"},
                    Damage{fourth + 8, 0x80a000, 8, "TEMP_MEM section 0x80a000 overlaps TD_HOB section 0x809000"},
                    Damage{fourth + 24, 2, 4, "TD_HOB section 0x80b000 is the second of its type"},
                    Damage{fourth + 24, 4, 4, "section type 0x4, wanted 0x0 to 0x3"},
                    Damage{fourth + 28, 4, 4, "attributes 0x4, wanted bits 0 and 1"},
                    Damage{fourth + 16, 0x10000000, 8, "wanted at most 0x8000000"}));

TEST(Tdvf, RefusesASecondVariableStore) {
  EXPECT_THAT(
      [] {
        read_tdvf(tdvf_image({{0, 0x1000, 0xfffff000, 0x1000, 1, 0}, {0x1000, 0x1000, 0xffffe000, 0x1000, 1, 0}}));
      },
      testing::ThrowsMessage<base::Error>(HasSubstr("CFV section 0xffffe000 is the second of its type")));
}

TEST(Tdvf, RefusesEveryTruncation) {
  const base::Buffer image = tdvf_image();
  for (std::size_t size = 0; size < image.size(); size += 7)
    EXPECT_THROW(read_tdvf(base::Bytes(image).first(size)), base::Error) << size;
}

}  // namespace
}  // namespace measurement
