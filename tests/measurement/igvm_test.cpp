#include "measurement/igvm.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/igvm_builder.h"

namespace measurement {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;
using enum IgvmPlatformType;

// Two platforms; at 0x18 and 0x30. Policy at 0x48, area at 0x60, its parameter at 0x78, insert at 0x88, two pages at
// 0xa0 and 0xc0, required memory at 0xe0, an optional unknown directive at 0x100, the context at 0x110; data from
// 0x130.
IgvmBuilder sample() {
  base::Buffer memory;
  IgvmBuilder::put(memory, 0x100000, 8), IgvmBuilder::put(memory, 3, 4), IgvmBuilder::put(memory, 0x200000, 4);
  IgvmBuilder::put(memory, 0, 8);
  IgvmBuilder builder;
  builder.platform(1, snp, 2)
      .platform(2, tdx)
      .policy(0x30000)
      .area(7, 0x2000)
      .parameter(0x307, 7, 0x1ff8)
      .insert(0x20000, 7, 3);
  builder.page(0x10000, {.data = pattern_page(1)}).page(0x200000, {.flags = 3, .mask = 2}).header(0x305, memory);
  builder.header(0x800003ff, base::Buffer(8, 0xee)).context(0, fixture_save_area());
  return builder;
}

constexpr std::size_t size_of_sample = 0x130 + 2 * 4096;

TEST(IgvmFile, IsReadDirectiveByDirective) {
  const base::Buffer bytes = sample().build();
  ASSERT_EQ(bytes.size(), size_of_sample);
  const IgvmFile file = parse_igvm(bytes);
  ASSERT_EQ(file.platforms.size(), 2U);
  EXPECT_EQ(file.platform(snp)->mask, 1U);
  EXPECT_EQ(file.platform(snp)->highest_vtl, 2U);
  EXPECT_EQ(file.platform(sev), nullptr);
  EXPECT_EQ(file.policy(1), 0x30000U);
  EXPECT_EQ(file.policy(2), std::nullopt);
  ASSERT_EQ(file.directives.size(), 8U);
  EXPECT_EQ(std::get<IgvmParameterInsert>(file.directives[2].content).size, 0x2000U);
  const auto& page = std::get<IgvmPageData>(file.directives[3].content);
  EXPECT_EQ(base::buffer_of(page.data), pattern_page(1));
  const auto& large = std::get<IgvmPageData>(file.directives[4].content);
  EXPECT_EQ(large.size, 0x200000U);
  EXPECT_TRUE(large.unmeasured && large.data.empty());
  EXPECT_EQ(std::get<IgvmOtherDirective>(file.directives[6].content).type, 0x3ffU);
  EXPECT_EQ(base::buffer_of(std::get<IgvmVpContext>(file.directives[7].content).data), fixture_save_area());
}

TEST(IgvmFile, MayLoadTheSameAddressForDifferentPlatforms) {
  IgvmBuilder builder = sample();
  builder.page(0x10000, {.mask = 2});
  EXPECT_NO_THROW(parse_igvm(builder.build()));
}

struct Damage {
  std::string name;
  std::size_t at;
  std::uint64_t value;
  std::size_t size;
  std::string message;
  bool repair_crc = true;
};
class DamagedIgvm : public testing::TestWithParam<Damage> {};

TEST_P(DamagedIgvm, IsRefusedWithItsPlace) {
  base::Buffer bytes = sample().build();
  for (std::size_t i = 0; i < GetParam().size; ++i)
    bytes[GetParam().at + i] = static_cast<std::uint8_t>(GetParam().value >> (8 * i));
  if (GetParam().repair_crc) bytes = IgvmBuilder::with_crc(bytes);
  EXPECT_THAT([&] { parse_igvm(bytes); },
              ThrowsMessage<base::Error>(AllOf(HasSubstr("IGVM+0x"), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Field, DamagedIgvm,
    testing::Values(
        Damage{"magic", 0, 0, 4, "+0x0: magic: got 0x0"},
        Damage{"version", 4, 2, 4, "+0x4: format version: got 2, wanted 1"},
        Damage{"header offset early", 8, 16, 4, "+0x8: variable header offset: got 0x10"},
        Damage{"header offset odd", 8, 0x1c, 4, "variable header offset: got 0x1c"},
        Damage{"header offset late", 8, 0xfffffff8, 4, "variable header offset: got 0xfffffff8"},
        Damage{"header size", 12, 0xffffffff, 4, "+0xc: variable header size: got 0xffffffff, wanted at most 0x2118"},
        Damage{"file size", 16, 0x2131, 4, "+0x10: file size: got 0x2130 bytes, wanted 0x2131"},
        Damage{"checksum", 20, 0xdeadbeef, 4, "+0x14: CRC-32: got 0xdeadbeef, wanted 0x", false},
        Damage{"summed byte", 0x48, 2, 1, "+0x14: CRC-32: got 0x", false},
        Damage{"header size cuts a header", 12, 0x110, 4, "needs 20 bytes, 16 left"},
        Damage{"header size cuts a prefix", 12, 0x4, 4, "needs 8 bytes, 4 left"},
        Damage{"unknown type", 0xe0, 0x3fe, 4, "+0xe0: header type 0x3fe is not known"},
        Damage{"type in no section", 0xe0, 0x201, 4, "+0xe0: header type: got 0x201"},
        Damage{"type zero", 0x18, 0, 4, "+0x18: header type: got 0x0"},
        Damage{"section goes back", 0xe0, 0x101, 4, "+0xe0: header type 0x101 after a later section"},
        Damage{"length long", 0x1c, 0x1000, 4, "needs 4096 bytes"},
        Damage{"length short", 0x1c, 15, 4, "+0x1c: length of the structure: got 15, wanted 16"},
        Damage{"padding", 0x12c, 1, 1, "+0x12c: padding: got 0x1"},
        Damage{"two bits of a platform", 0x20, 3, 4, "+0x20: platform mask: got 0x3, wanted one bit"},
        Damage{"no bit of a platform", 0x20, 0, 4, "platform mask: got 0x0, wanted one bit"},
        Damage{"bit of two platforms", 0x38, 1, 4, "+0x38: platform mask: got 0x1, wanted one bit that no other"},
        Damage{"platform type", 0x25, 7, 1, "+0x25: platform type: got 0x7"},
        Damage{"platform type twice", 0x3d, 2, 1, "platform type 0x2 occurs twice"},
        Damage{"policy mask", 0x58, 4, 4, "+0x58: platform mask: got 0x4, wanted bits of 0x3"},
        Damage{"policy reserved", 0x5c, 1, 4, "+0x5c: reserved field: got 0x1"},
        Damage{"area size odd", 0x68, 0x2001, 8, "+0x68: size: got 0x2001 bytes"},
        Damage{"area size zero", 0x68, 0, 8, "parameter area: got 0x0 bytes"},
        Damage{"area size huge", 0x68, 1ULL << 40U, 8, "parameter area: got 0x10000000000 bytes"},
        Damage{"area data in the headers", 0x74, 8, 4, "+0x74: file data at 0x8 of 0x2000 bytes"},
        Damage{"parameter of no area", 0x80, 8, 4, "+0x80: parameter area 8 is not declared"},
        Damage{"parameter past its area", 0x84, 0x2000, 4, "+0x84: byte offset 0x2000, wanted less than 0x2000"},
        Damage{"insert of no area", 0x9c, 8, 4, "+0x9c: parameter area 8 is not declared"},
        Damage{"insert unaligned", 0x90, 0x20008, 8, "+0x90: GPA 0x20008, wanted a multiple of 0x1000"},
        Damage{"insert over a page", 0x90, 0xf000, 8, "+0xa0: loads 0x10000, which the directive at 0x88 loads too"},
        Damage{"insert past the address space", 0x90, 0xffffffffff000, 8, "wanted to end at most at 2^52"},
        Damage{"insert wraps around", 0x90, 0xfffffffffffff000, 8, "wanted to end at most at 2^52"},
        Damage{"page mask", 0xb0, 0, 4, "+0xb0: platform mask: got 0x0"},
        Damage{"page data in the headers", 0xb4, 0x128, 4, "+0xb4: file data at 0x128 of 0x1000 bytes"},
        Damage{"page data past the end", 0xb4, 0x1131, 4,
               "file data at 0x1131 of 0x1000 bytes, wanted it within 0x130 to 0x2130"},
        Damage{"page data far past the end", 0xb4, 0xffffffff, 4, "file data at 0xffffffff"},
        Damage{"page flags", 0xb8, 8, 4, "+0xb8: reserved field: got 0x8"},
        Damage{"large page unaligned", 0xb8, 1, 4, "GPA 0x10000, wanted a multiple of 0x200000"},
        Damage{"page type", 0xbc, 4, 2, "+0xbc: page data type: got 0x4"},
        Damage{"page reserved", 0xbe, 1, 2, "+0xbe: reserved field: got 0x1"},
        Damage{"required memory unaligned", 0xf4, 1, 4, "+0xf4: size: got 0x1 bytes"},
        Damage{"required memory reserved", 0xfc, 1, 4, "+0xfc: reserved field: got 0x1"},
        Damage{"context unaligned", 0x118, 8, 8, "+0x118: GPA 0x8"},
        Damage{"context without data", 0x124, 0, 4, "+0x124: file data at 0x0 of 0x1000 bytes"},
        Damage{"context reserved", 0x12a, 1, 2, "+0x12a: reserved field: got 0x1"}),
    [](const auto& damage) {
      std::string name = damage.param.name;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST(IgvmFile, IsRefusedWhenCutAnywhere) {
  const base::Buffer bytes = sample().build();
  for (std::size_t size = 0; size < bytes.size(); size += size < 0x140 ? 1 : 509)
    EXPECT_THROW(parse_igvm(base::Bytes(bytes).first(size)), base::Error) << size;
}

TEST(IgvmFile, IsRefusedWhenSomethingOccursTwice) {
  const auto refusal = [](const IgvmBuilder& builder, const char* message) {
    EXPECT_THAT([&] { parse_igvm(builder.build()); }, ThrowsMessage<base::Error>(HasSubstr(message))) << message;
  };
  refusal(sample().area(7, 0x1000), "parameter area 7 occurs twice");
  refusal(sample().insert(0x30000, 7, 2), "parameter area 7 is inserted twice for one platform");
  refusal(sample().context(0, fixture_save_area()), "context of vCPU 0 occurs twice");
  refusal(sample().page(0x10000, {}), "loads 0x10000, which the directive at 0xa0 loads too");
  refusal(IgvmBuilder().platform(1, snp).policy(1).policy(2), "a second guest policy");
  refusal(IgvmBuilder().header(0x30b, base::Buffer(696)), "platform mask: got 0x0, wanted bits of 0x0");
  base::Buffer id_block(696);
  id_block[0] = 1;
  refusal(sample().header(0x30b, id_block).header(0x30b, id_block), "a second ID block");
}

TEST(IgvmFile, IsRefusedWhenItLoadsMoreThanFourGibibytes) {
  IgvmBuilder builder;
  builder.platform(1, snp);
  for (std::uint32_t i = 0; i < 5; ++i) builder.area(i, 1U << 30U).insert(std::uint64_t{i} << 30U, i);
  EXPECT_THAT([&] { parse_igvm(builder.build()); }, ThrowsMessage<base::Error>(HasSubstr("more than 4 GiB")));
}

TEST(IgvmFile, IsRefusedWithoutAPlatform) {
  EXPECT_THAT([] { parse_igvm(IgvmBuilder().build()); },
              ThrowsMessage<base::Error>(HasSubstr("no supported platform")));
}

}  // namespace
}  // namespace measurement
