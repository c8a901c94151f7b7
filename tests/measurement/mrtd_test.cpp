#include "measurement/mrtd.h"

#include <gmock/gmock.h>

#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "measurement/td_hob.h"
#include "tests/measurement/tdvf_image.h"
#include "tests/measurement/tdx_answers.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_files::read;
using testing_files::tdvf_image;

// Every firmware file within reach, by its SHA-256.
std::map<std::string, base::Buffer> firmware_files() {
  std::map<std::string, base::Buffer> found;
  std::vector<std::filesystem::path> folders{testing_files::vectors() / "tdx" / "firmware", "/usr/share/ovmf"};
  if (const char* set = std::getenv("BULKHEAD_TDX_FIRMWARE")) folders.emplace_back(set);
  for (const auto& folder : folders) {
    std::error_code absent;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, absent)) {
      if (entry.path().extension() != ".fd" || !entry.is_regular_file()) continue;
      base::Buffer bytes = read(entry.path());
      std::string name = base::sha256(bytes).hex();
      found.emplace(std::move(name), std::move(bytes));
    }
  }
  return found;
}

TEST(Mrtd, OfEveryKnownFirmwareInReachIsWhatOthersComputed) {
  const std::map<std::string, base::Buffer> files = firmware_files();
  unsigned matched = 0;
  const base::Json answers = known_answers("mrtd.json");
  for (const base::Json& known : answers.array()) {
    const auto file = files.find(known.at("sha256").text());
    if (file == files.end()) continue;
    SCOPED_TRACE(known.at("firmware").text());
    const std::vector<TdvfSection> sections = read_tdvf(file->second);
    EXPECT_EQ(mrtd(file->second, sections, PageOrder::single_pass).hex(), known.at("singlePass").text());
    EXPECT_EQ(mrtd(file->second, sections, PageOrder::two_pass).hex(), known.at("twoPass").text());
    for (const TdvfSection& section : sections)
      if (section.type == TdvfSectionType::configuration_volume) {
        EXPECT_EQ(base::sha384(section.data(file->second)).hex(), known.at("cfv").text());
      }
    ++matched;
  }
  if (matched == 0) GTEST_SKIP() << "no known firmware in reach; install ovmf or set BULKHEAD_TDX_FIRMWARE";
}

// aleph-im/aleph-vm (MIT), unit test of its TDX measurement.
TEST(Mrtd, OfASmallImageIsThatOfAlephVm) {
  const base::Buffer image = tdvf_image();
  EXPECT_EQ(mrtd(image, read_tdvf(image), PageOrder::single_pass).hex(),
            "168f5582b72265ed01aad1edd402f5d096c12d95385b5f38959b5cc8c128e6efe6e13e854e211a1ee4e4a4eeafa36fa6");
}

TEST(Mrtd, DependsOnThePageOrderOnlyWhereContentIsMeasured) {
  const base::Buffer image = tdvf_image({{0, 0x2000, 0xffffe000, 0x2000, 0, 0}, {0, 0, 0x809000, 0x2000, 2, 0}});
  const std::vector<TdvfSection> sections = read_tdvf(image);
  EXPECT_EQ(mrtd(image, sections, PageOrder::single_pass), mrtd(image, sections, PageOrder::two_pass));
  base::Buffer other = image;
  other[0] ^= 1U;
  EXPECT_EQ(mrtd(image, sections, PageOrder::single_pass), mrtd(other, sections, PageOrder::single_pass));
}

TEST(Mrtd, IsRefusedForAFirmwareThatMeasuresItsHandOffBlockThere) {
  const base::Buffer image = tdvf_image({{0, 0x2000, 0xffffe000, 0x2000, 0, 1}, {0, 0, 0x809000, 0x2000, 2, 1}});
  EXPECT_THAT([&] { mrtd(image, read_tdvf(image), PageOrder::single_pass); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("depends on the memory's size")));
}

TEST(TdHob, IsWhatRealTdsLogged) {
  const base::Json answers = known_answers("td-hob.json");
  for (const base::Json& known : answers.array()) {
    const base::MiB memory{static_cast<std::uint64_t>(known.at("memoryMiB").integer())};
    EXPECT_EQ(base::sha384(td_hob(sections_of(known.at("sections")), memory)).hex(), known.at("sha384").text())
        << known.at("source").text();
  }
}

TEST(TdHob, NeedsItsSectionAndMemoryForAll) {
  const std::vector<TdvfSection> sections = read_tdvf(tdvf_image());
  EXPECT_NO_THROW(td_hob(sections, base::MiB{9}));
  EXPECT_THAT([&] { td_hob(sections, base::MiB{8}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("needs 0x809000 to 0x80b000")));
  EXPECT_THAT([] { td_hob({}, base::MiB{2048}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("no TD_HOB section")));
}

TEST(TdHob, MustFitItsSection) {
  std::vector<TdvfSection> sections;
  for (std::uint64_t i = 0; i < 80; ++i)
    sections.push_back({0, 0, {0x800000 + 0x2000 * i}, 0x1000, TdvfSectionType::temporary_memory});
  sections.front().type = TdvfSectionType::hand_off_block;
  EXPECT_THAT([&] { td_hob(sections, base::MiB{2048}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("TD_HOB section has 0x1000 bytes")));
}

}  // namespace
}  // namespace measurement
