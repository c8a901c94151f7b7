#include "measurement/cpu_models.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace measurement {
namespace {

struct Model {
  std::string name;
  std::optional<std::uint32_t> signature;
};
class CpuModels : public testing::TestWithParam<Model> {};

TEST_P(CpuModels, HaveTheirSignatureWhateverTheirVersion) {
  EXPECT_EQ(cpuid_signature(GetParam().name), GetParam().signature) << GetParam().name;
}

// QEMU 10.2 target/i386/cpu.c: family, model and stepping of each model.
INSTANTIATE_TEST_SUITE_P(Table, CpuModels,
                         testing::Values(Model{"EPYC", 0x800f12}, Model{"EPYC-v4", 0x800f12},
                                         Model{"EPYC-v5", 0x800f12}, Model{"EPYC-IBPB", 0x800f12},
                                         Model{"EPYC-Rome", 0x830f10}, Model{"EPYC-Rome-v5", 0x830f10},
                                         Model{"EPYC-Milan", 0xa00f11}, Model{"EPYC-Milan-v3", 0xa00f11},
                                         Model{"EPYC-Genoa", 0xa10f10}, Model{"EPYC-Genoa-v2", 0xa10f10},
                                         Model{"EPYC-Turin", 0xb00f00}, Model{"EPYC-Turin-v1", 0xb00f00},
                                         Model{"Dhyana", 0x900f01}, Model{"Dhyana-v2", 0x900f01}));
INSTANTIATE_TEST_SUITE_P(Unknown, CpuModels,
                         testing::Values(Model{"host", {}}, Model{"max", {}}, Model{"qemu64", {}}, Model{"EPYC-v", {}},
                                         Model{"EPYC-v0", {}}, Model{"EPYC-v04", {}}, Model{"EPYC-v6", {}},
                                         Model{"EPYC-v99999999999", {}}, Model{"EPYC-IBPB-v1", {}}, Model{"epyc", {}},
                                         Model{"EPYC-Milan-v1x", {}}, Model{"", {}}));

TEST(CpuidSignature, IsBuiltAsCpuidBuildsIt) {
  EXPECT_EQ(cpuid_signature(CpuVersion{6, 0x55, 4}), 0x50654U);  // Intel's Skylake server: no extended family
  EXPECT_EQ(cpuid_signature(CpuVersion{25, 17, 1}), 0xa10f11U);
  EXPECT_EQ(cpuid_signature(CpuVersion{0x10e, 0xff, 0xf}), 0xfff0fffU);
}

TEST(CpuidSignature, RefusesNumbersThatDoNotFit) {
  for (const CpuVersion& version : {CpuVersion{0x10f, 0, 0}, CpuVersion{25, 0x100, 0}, CpuVersion{25, 1, 16}})
    EXPECT_THROW(cpuid_signature(version), base::Error);
}

}  // namespace
}  // namespace measurement
