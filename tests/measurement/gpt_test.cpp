#include "measurement/gpt.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

// Header and used entries of a disk made by sgdisk; the digest is the one firmware measured of it (shared vectors,
// tdx/swtpm/u257).
constexpr const char* header =
    "4546492050415254000001005c000000045607cf000000000100000000000000ff3f0200000000002200000000000000de3f020000000000"
    "11111111222233334444555555555555"
    "02000000000000008000000080000000d3ba067c";
constexpr const char* entries[] = {
    "28732ac11ff8d211ba4b00a0c93ec93baaaaaaaabbbbccccddddeeeeeeeeeeee0008000000000000ff0f0200000000000000000000000000"
    "450053005000",
    "af3dc60f838472478e793d69d8477de467452301ab89efcd0123456789abcdef0010020000000000ff1f0200000000000000000000000000"
    "72006f006f007400"};
constexpr const char* measured =
    "c1b6bd25435feb2e3580564ec4904ed526d2e750efb5453fe25fc0d988446309237ae72fe81d23a6952d51c1c4ce9ff5";

void place(base::Buffer& disk, std::size_t at, const char* hex) {
  const base::Buffer bytes = base::from_hex(hex).value();
  std::copy(bytes.begin(), bytes.end(), disk.begin() + static_cast<std::ptrdiff_t>(at));
}

base::Buffer disk() {
  base::Buffer disk(34 * 512);
  place(disk, 512, header);
  place(disk, 1024, entries[0]);
  place(disk, 1024 + 128, entries[1]);
  return disk;
}

TEST(PartitionTable, IsMeasuredAsFirmwareDid) {
  EXPECT_EQ(gpt_event(disk()).sha384.hex(), measured);
  EXPECT_EQ(gpt_event(disk()).pcr, 5U);
}

TEST(PartitionTable, OfTheVectorIsTheSame) {
  const base::Buffer vector =
      testing_files::read(testing_files::vectors() / "tdx/swtpm/inputs/d257.img.first34sectors");
  if (vector.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  EXPECT_EQ(gpt_event(vector).sha384.hex(), measured);
}

struct Damage {
  std::string name, message;
  std::size_t at;
  std::uint8_t value;
};

TEST(PartitionTable, RefusesDamagedTables) {
  for (const Damage& bad :
       {Damage{"signature", "no 'EFI PART'", 512, 0}, Damage{"header size", "wanted 92", 524, 93},
        Damage{"header checksum", "header's checksum", 528, 0}, Damage{"a field", "header's checksum", 512 + 80, 0x7f},
        Damage{"an entry", "checksum is 0x7c06bad3", 1024 + 40, 1}}) {
    SCOPED_TRACE(bad.name);
    base::Buffer damaged = disk();
    damaged[bad.at] = bad.value;
    EXPECT_THAT([&] { gpt_event(damaged); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)));
  }
  EXPECT_THROW(gpt_event(base::Buffer(512)), base::Error);
  base::Buffer cut = disk();
  cut.resize(33 * 512);
  EXPECT_THAT([&] { gpt_event(cut); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr("partition entries")));
}

}  // namespace
}  // namespace measurement
