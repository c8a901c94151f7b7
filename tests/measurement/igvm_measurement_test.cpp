#include "measurement/igvm_measurement.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/igvm_builder.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using enum IgvmPlatformType;

/// The layouts of the shared fixtures (README of tests/data/measurement/igvm), rebuilt here; their file data lies
/// elsewhere in the file, which is not measured.
IgvmBuilder fixture(const std::string& name) {
  IgvmBuilder b;
  if (name == "seves_basic") {
    b.platform(2, sev_es).policy(5, 2).page(0x10000, {.data = pattern_page(1), .mask = 2}).page(0x11000, {.mask = 2});
    return b.page(0x12000, {.data = base::Buffer(4096), .mask = 2}).context(0, fixture_save_area(0), 2);
  }
  b.platform(1, snp, 2);
  if (name != "snp_nopolicy") b.policy(0x30000);
  if (name == "snp_basic") {
    b.area(0, 4096).parameter(0x307, 0, 0).insert(0x20000, 0);
    b.page(0x10000, {.data = pattern_page(1)}).page(0x11000, {.data = pattern_page(2)}).page(0x12000, {});
    b.page(0x13000, {.data = base::Buffer(4096)}).page(0x14000, {.data = pattern_page(3), .flags = 2});
    b.page(0x15000, {.type = 1}).page(0x16000, {.data = pattern_page(4), .type = 2}).page(0x17000, {.type = 3});
    b.page(0xfffff000, {.data = pattern_page(5)});
  } else if (name == "snp_param_8k") {
    b.area(0, 8192).parameter(0x307, 0, 0).insert(0x20000, 0).page(0x10000, {.data = pattern_page(1)});
  } else if (name == "snp_param_between") {
    b.area(0, 4096).parameter(0x307, 0, 0).page(0x10000, {.data = pattern_page(1)}).insert(0x20000, 0);
    b.page(0x11000, {.data = pattern_page(2)});
  } else if (name == "snp_2mb") {
    b.page(0x200000, {.flags = 1}).page(0x10000, {.data = pattern_page(1)});
  } else {
    b.page(0x10000, {.data = pattern_page(1)});
  }
  return b.context(0, fixture_save_area());
}

IgvmMeasurement measured(const IgvmBuilder& builder, const IgvmLaunch& launch = {}) {
  const base::Buffer bytes = builder.build();
  return measure_igvm(parse_igvm(bytes), launch);
}

base::Json known_digests() {
  const base::Buffer text = testing_files::read(testing_files::data() / "igvm" / "digests.json");
  return base::Json::parse(base::text_of(text), "digests.json").at("files");
}

TEST(IgvmLaunchDigest, EqualsWhatOtherToolsSayOfTheSameDirectives) {
  const base::Json known = known_digests();
  for (const auto& [name, digests] : known.object()) {
    const IgvmMeasurement normal = measured(fixture(name));
    EXPECT_EQ(base::hex(normal.file), digests.at("file").text()) << name;
    if (normal.platform.type != snp) continue;
    if (const base::Json* native = digests.find("nativeZero")) {
      EXPECT_EQ(base::hex(measured(fixture(name), {.zero_pages = ZeroPages::native}).file), native->text()) << name;
    }
    const base::Json* order = digests.find("qemuOrder");
    EXPECT_EQ(base::hex(normal.qemu_order), (order ? *order : digests.at("file")).text()) << name;
  }
}

TEST(IgvmLaunchDigest, EqualsEveryVector) {
  const base::Buffer text = testing_files::read(testing_files::vectors() / "snp" / "manifest.json");
  if (text.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  unsigned matched = 0;
  const base::Json manifest = base::Json::parse(base::text_of(text), "manifest");
  for (const base::Json& vector : manifest.at("vectors").array()) {
    const std::string& id = vector.at("id").text();
    if (!id.starts_with("igvm:")) continue;
    // igvmmeasure measures one page of a larger parameter area; format, crate and QEMU say all (docs/measurement.md).
    if (id.starts_with("igvm:snp_param_8k.igvm:igvmmeasure")) continue;
    const base::Buffer file =
        testing_files::read(testing_files::vectors() / "snp" / vector.at("files").array().at(0).text());
    const base::Json* native = vector.at("params").find("native_zero");
    const IgvmLaunch launch{.zero_pages = native && native->boolean() ? ZeroPages::native : ZeroPages::normal};
    const IgvmMeasurement measured = measure_igvm(parse_igvm(file), launch);
    EXPECT_EQ(base::hex(measured.file), vector.at("expected").text()) << id;
    if (const base::Json* predicted = vector.find("predicted_qemu_10_2_order")) {
      EXPECT_EQ(base::hex(measured.qemu_order), predicted->text()) << id;
    }
    ++matched;
  }
  EXPECT_GE(matched, 14U);
}

TEST(IgvmLaunchDigest, TakesOnlyWhatIsForThePlatform) {
  IgvmBuilder both = IgvmBuilder().platform(1, snp).platform(4, tdx).policy(0x30000);
  both.page(0x10000, {.data = pattern_page(1), .mask = 5}).page(0x11000, {.data = pattern_page(2), .mask = 4});
  both.page(0x11000, {.data = pattern_page(6)}).context(0, fixture_save_area());
  IgvmBuilder one = IgvmBuilder().platform(1, snp).policy(0x30000);
  one.page(0x10000, {.data = pattern_page(1)}).page(0x11000, {.data = pattern_page(6)}).context(0, fixture_save_area());
  EXPECT_EQ(measured(both).file, measured(one).file);
  EXPECT_EQ(measured(both).qemu, measured(one).qemu);
}

TEST(IgvmLaunchDigest, ChoosesTheStrongestPlatformUnlessToldWhich) {
  IgvmBuilder builder = IgvmBuilder().platform(1, sev).platform(2, sev_es).platform(4, snp).policy(0x30000, 4);
  builder.page(0x10000, {.data = pattern_page(1), .mask = 7}).context(0, fixture_save_area(), 4);
  EXPECT_EQ(measured(builder).platform.type, snp);
  EXPECT_EQ(measured(builder, {.tee = sev}).file.size(), 32U);
  EXPECT_THROW(measured(IgvmBuilder().platform(1, tdx)), base::Error);
}

TEST(IgvmQemuOrder, LoadsSaveAreasLastWhereverTheyAre) {
  IgvmBuilder first = IgvmBuilder().platform(1, snp).policy(0x30000);
  first.context(0, fixture_save_area()).page(0x10000, {.data = pattern_page(1)});
  const IgvmMeasurement last = measured(fixture("snp_one_page"));
  EXPECT_NE(measured(first).file, last.file);
  EXPECT_EQ(measured(first).qemu_order, last.file);
  EXPECT_THAT(measured(first).warnings,
              Contains(HasSubstr("order: QEMU loads page data at 0x10000 where the file has a "
                                 "vCPU's save area at 0xfffffffff000")));
}

/// What QEMU makes of two pages with an insert after them depends on whether they are one region to it.
struct Region {
  std::string name;
  IgvmBuilder::Page first, second;
  std::uint64_t gap = 0;
  bool one = false;
};
class QemuRegion : public testing::TestWithParam<Region> {};

TEST_P(QemuRegion, IsLoadedWhenAPageDoesNotContinueIt) {
  const auto& [name, first, second, gap, one] = GetParam();
  IgvmBuilder builder = IgvmBuilder().platform(1, snp).platform(2, tdx).area(0, 4096);
  builder.page(0x400000, first).page(0x401000 + gap, second).insert(0x20000, 0);
  const base::Buffer bytes = builder.build();
  const IgvmFile file = parse_igvm(bytes);
  const LaunchSteps steps = igvm_qemu_page_order(file, *file.platform(snp));
  ASSERT_EQ(steps.size(), 3U);
  // The insert overtakes the region that is not loaded yet: both pages or the second alone.
  EXPECT_EQ(steps[one ? 0 : 1].gpa, base::Gpa{0x20000});
}

INSTANTIATE_TEST_SUITE_P(
    Table, QemuRegion,
    testing::Values(Region{"continues", {pattern_page(1)}, {pattern_page(2)}, 0, true},
                    Region{"both_zero", {}, {}, 0, true}, Region{"gap", {pattern_page(1)}, {pattern_page(2)}, 0x1000},
                    Region{"one_zero", {pattern_page(1)}, {}}, Region{"type", {.type = 1}, {.type = 2}},
                    Region{"unmeasured", {.flags = 2}, {}}, Region{"mask", {.mask = 1}, {.mask = 3}}),
    [](const auto& region) { return region.param.name; });

TEST(IgvmQemuOrder, EndsARegionWhereAnotherDirectiveStandsBetween) {
  IgvmBuilder builder = IgvmBuilder().platform(1, snp).area(0, 4096);
  builder.page(0x10000, {}).parameter(0x307, 0, 0).page(0x11000, {}).insert(0x20000, 0);
  const base::Buffer bytes = builder.build();
  const IgvmFile file = parse_igvm(bytes);
  EXPECT_EQ(igvm_qemu_page_order(file, *file.platform(snp))[1].gpa, base::Gpa{0x20000});
}

TEST(IgvmQemu, LaunchesTheSaveAreaKvmMakes) {
  const IgvmMeasurement plain = measured(fixture("snp_one_page"));
  EXPECT_NE(plain.qemu, plain.file);
  EXPECT_THAT(plain.warnings,
              testing::ElementsAre(
                  HasSubstr("vCPU 0: KVM launches another save area than the file's: MXCSR 0x0 becomes 0x1f80"),
                  HasSubstr("FCW 0x0 becomes 0x37f")));
  base::Buffer effective = fixture_save_area();
  effective[0x408] = 0x80, effective[0x409] = 0x1f, effective[0x410] = 0x7f, effective[0x411] = 0x03;
  IgvmBuilder builder = IgvmBuilder().platform(1, snp).policy(0x30000).page(0x10000, {.data = pattern_page(1)});
  const IgvmMeasurement same = measured(builder.context(0, effective));
  EXPECT_EQ(same.qemu, same.file);
  EXPECT_EQ(same.qemu, plain.qemu);
  EXPECT_THAT(same.warnings, IsEmpty());
}

TEST(IgvmQemu, LeavesTheFpuOfAnOldKindSevEsVmZeroAndHashesItsZeroPages) {
  const IgvmMeasurement measurement = measured(fixture("seves_basic"));
  EXPECT_EQ(measurement.qemu, measurement.qemu_order);
  EXPECT_NE(measurement.qemu, measurement.file);
  EXPECT_THAT(measurement.warnings,
              testing::ElementsAre(HasSubstr("page 0x11000 has no data: QEMU loads and measures")));
}

TEST(IgvmQemu, IsSaidToLoadZerosWhereTheFileOrderHasNativeZeroPages) {
  const auto named = Contains(HasSubstr("page 0x12000 has no data"));
  EXPECT_THAT(measured(fixture("snp_basic"), {.zero_pages = ZeroPages::native}).warnings, named);
  EXPECT_THAT(measured(fixture("snp_basic")).warnings, Not(named));
}

TEST(IgvmQemu, ResetsTheVcpusTheFileSaysNothingOf) {
  const IgvmBuilder builder = fixture("snp_one_page");
  EXPECT_EQ(measured(builder, {.vcpus = 2}).qemu, std::nullopt);
  EXPECT_THAT(measured(builder, {.vcpus = 2}).warnings, Contains(HasSubstr("no context for vCPU 1")));
  const auto two = measured(builder, {.vcpus = 2, .cpuid_signature = 0xa00f11});
  ASSERT_TRUE(two.qemu.has_value());
  EXPECT_NE(two.qemu, measured(builder, {.vcpus = 2, .cpuid_signature = 0x800f12}).qemu);
  EXPECT_EQ(two.file, measured(builder).file);
  EXPECT_THROW(measured(builder, {.vcpus = 0}), base::Error);
  EXPECT_THROW(measured(builder, {.vcpus = 4097}), base::Error);
}

TEST(IgvmQemu, MeasuresTheContextsOfSeveralVcpusInTheirOrder) {
  IgvmBuilder ascending = fixture("snp_one_page"), descending = IgvmBuilder().platform(1, snp, 2).policy(0x30000);
  base::Buffer second = fixture_save_area();
  second[0x178] = 0x55;
  ascending.context(1, second);
  descending.page(0x10000, {.data = pattern_page(1)}).context(1, second).context(0, fixture_save_area());
  EXPECT_EQ(measured(ascending).vcpus, 2U);
  EXPECT_EQ(measured(ascending).qemu, measured(descending).qemu);
  EXPECT_NE(measured(ascending).file, measured(descending).file);
}

struct Refusal {
  std::string name;
  IgvmBuilder builder;
  const char* warning;
};
class QemuRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(QemuRefusal, IsForetold) {
  EXPECT_THAT(measured(GetParam().builder).warnings, Contains(HasSubstr(GetParam().warning)));
}

base::Buffer changed_save_area(std::size_t at, std::uint8_t value) {
  base::Buffer area = fixture_save_area();
  area[at] = value;
  return area;
}
IgvmBuilder one_page() {
  return IgvmBuilder().platform(1, snp).policy(0x30000).page(0x10000, {});
}

INSTANTIATE_TEST_SUITE_P(
    Table, QemuRefusal,
    testing::Values(
        Refusal{"place", one_page().context(0, fixture_save_area(), 1, 0x7000),
                "its save area at 0x7000, wanted 0xfffffffff000"},
        Refusal{"field", one_page().context(0, changed_save_area(0x3c8, 1)), "it cannot set the field at offset 0x3c8"},
        Refusal{"inactive", one_page().context(0, fixture_save_area(0)), "(SNPActive) is clear"},
        Refusal{"directive", one_page().area(0, 4096).parameter(0x30e, 0, 0), "does not know directives of type 0x30e"},
        Refusal{"secrets", IgvmBuilder().platform(1, sev_es).page(0x10000, {.type = 1}), "which only SEV-SNP has"},
        Refusal{"policy", fixture("snp_nopolicy"), "no guest policy for SEV-SNP"},
        Refusal{"shared", one_page().page(0x11000, {.flags = 4}), "page 0x11000 is shared"}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(KvmSaveArea, NamesEveryFieldItChanges) {
  base::Buffer area = fixture_save_area();
  area[0xd1] = 0;      // EFER.SVME
  area[0x148] = 0x20;  // CR4 without MCE
  area[0x15b] = 0x60;  // CR0.CD and NW
  area[0x158] = 0x21;  // CR0 without ET
  area[0x98] = 1;      // TR base
  area[0x62] = 0x93;   // GDTR attributes
  const base::Buffer launched = kvm_save_area(area, KvmFpuState::synchronized);
  EXPECT_THAT(save_area_differences(area, launched),
              testing::ElementsAre("GDTR selector and attributes 0x930000 becomes 0x0", "TR base 0x1 becomes 0x0",
                                   "EFER 0x0 becomes 0x1000", "CR4 0x20 becomes 0x60", "CR0 0x60000021 becomes 0x31",
                                   "MXCSR 0x0 becomes 0x1f80", "FCW 0x0 becomes 0x37f"));
  EXPECT_THAT(save_area_differences(launched, kvm_save_area(launched, KvmFpuState::synchronized)), IsEmpty());
}

}  // namespace
}  // namespace measurement
