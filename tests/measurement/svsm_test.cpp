#include "measurement/svsm.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

void put(base::Buffer& to, std::size_t at, base::Bytes bytes) {
  std::ranges::copy(bytes, to.begin() + static_cast<std::ptrdiff_t>(at));
}
void put(base::Buffer& to, std::size_t at, std::uint32_t value) {
  put(to, at, base::layout_bytes(base::le32(value)));
}

base::Buffer pattern(std::size_t size, unsigned step) {
  base::Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * step + i / 256);
  return bytes;
}

base::Buffer firmware() {
  return pattern(0x2000, 7);
}

/// 16 KiB: four sections, and an entry point at 0x1100.
base::Buffer svsm() {
  base::Buffer bytes = pattern(0x3000, 5);
  bytes.resize(0x4000);
  put(bytes, 0x3000, base::bytes_of("ASEV"));
  std::size_t at = 0x3004;
  for (const std::uint32_t word : {16U + 48, 1U, 4U, 0x800000U, 0x2000U, 1U, 0x802000U, 0x1000U, 2U, 0x803000U, 0x1000U,
                                   3U, 0x804000U, 0x1000U, 4U}) {
    put(bytes, at, word);
    at += 4;
  }
  at = bytes.size() - 32 - 18;
  const auto entry = [&](std::size_t end, std::uint16_t length, std::string_view guid) {
    put(bytes, end - 16, base::guid_bytes(guid));
    put(bytes, end - 18, base::layout_bytes(base::le16(length)));
  };
  entry(at + 18, 18 + 2 * 22, "96b582de-1fb2-45f7-baea-a366c55a082d");
  for (const auto& [guid, word] : {std::pair{"dc886566-984a-4798-a75e-5585a7bf67cc", 0x1000U},
                                   std::pair{"a789a612-0597-4c4b-a49f-cbb1fe9d1ddd", 0x1100U}}) {
    entry(at, 22, guid);
    put(bytes, at - 22, word);
    at -= 22;
  }
  return bytes;
}

// virtee/sev-snp-measure 0.0.13: --mode snp:svsm --vcpu-type EPYC-Milan --vars-size 12288 with the same two files.
TEST(SvsmLaunchDigest, EqualsThatOfSevSnpMeasure) {
  const base::Buffer ovmf = firmware();
  const base::Buffer module = svsm();
  const std::vector<LaunchDigest> digests = svsm_launch_digests({ovmf, 0x3000, module, 0xa00f11, 4});
  ASSERT_EQ(digests.size(), 4U);
  EXPECT_EQ(digests[0].hex(),
            "3533220c7d0859a177cdec0d1d8caa8b86df5751d860ec67c13ee1b11e3607d30a71b6892ba46fd7885e020a0a21d9aa");
  EXPECT_EQ(digests[3].hex(),
            "0de575610cd6f5836ec533e9ec249dd837ce29cb868b0462974fa069dd5e2ca9d2d74a6af50454deb3f6cac430ba86b7");
}

TEST(SvsmLaunchDigest, RefusesWhatCannotBePlaced) {
  const base::Buffer ovmf = firmware();
  const base::Buffer module = svsm();
  EXPECT_THAT([&] { svsm_launch_digests({ovmf, 0x3001, module, 0, 1}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("variable store: got 0x3001")));
  EXPECT_THAT([&] { svsm_launch_digests({ovmf, 0xffffe000, module, 0, 1}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("svsm: got 0x4000")));
  EXPECT_THAT([&] { svsm_launch_digests({ovmf, 0, module, 0, 4097}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("4097")));
}

TEST(SvsmLaunchDigest, NeedsAnEntryPoint) {
  base::Buffer module = svsm();
  module[module.size() - 32 - 18 - 22 - 1] ^= 1U;
  EXPECT_THAT([&] { svsm_launch_digests({firmware(), 0, module, 0, 1}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("no entry point")));
}

}  // namespace
}  // namespace measurement
