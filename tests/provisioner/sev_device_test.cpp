#include "provisioner/sev_device.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace provisioner {
namespace {

/// A secure processor that answers these bytes.
struct FakeSevDevice : SevDevice {
  base::Buffer ids, status;
  base::Buffer identity() override { return ids; }
  base::Buffer snp_status() override { return status; }
};

FakeSevDevice two_sockets() {
  FakeSevDevice device;
  device.ids = base::Buffer(64, 0x11);
  device.ids.resize(128, 0x22);
  device.status = {1, 55, 2, 1, 40, 0, 0, 0, 0x05, 0, 0, 0, 9, 0, 0, 0};
  for (std::uint8_t byte = 1; byte <= 16; ++byte) device.status.push_back(byte);
  return device;
}

TEST(SevDevice, TellsEverySocketsChipAndItsTcb) {
  FakeSevDevice device = two_sockets();
  const SevIdentity identity = read_sev_identity(device);
  ASSERT_EQ(identity.chip_ids.size(), 2U);
  EXPECT_EQ(identity.chip_ids[1][63], 0x22);
  EXPECT_EQ(identity.status.api_major, 1);
  EXPECT_EQ(identity.status.api_minor, 55);
  EXPECT_EQ(identity.status.state, 2);
  EXPECT_EQ(identity.status.build, 40U);
  EXPECT_TRUE(identity.status.mask_chip_id);
  EXPECT_FALSE(identity.status.mask_chip_key);
  EXPECT_TRUE(identity.status.vlek_loaded);
  EXPECT_EQ(identity.status.current_tcb, 0x0807060504030201U);
  EXPECT_EQ(identity.status.reported_tcb, 0x100f0e0d0c0b0a09U);
}

TEST(SevDevice, ThatAnswersSomethingElseIsRefused) {
  FakeSevDevice device = two_sockets();
  device.ids.pop_back();
  EXPECT_THROW(read_sev_identity(device), base::Error);
  device = two_sockets();
  device.status.push_back(0);
  EXPECT_THROW(read_sev_identity(device), base::Error);
}

TEST(SevDevice, ThatIsNotThereIsNoError) {
  EXPECT_EQ(open_sev_device("/nonexistent/sev"), nullptr);
}

TEST(SevDevice, SomethingElseUnderItsNameRefusesTheCommands) {
  const auto device = open_sev_device("/dev/null");
  ASSERT_NE(device, nullptr);
  EXPECT_THROW(device->identity(), base::Error);
}

constexpr const char* milan =
    "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763\n"
    "stepping\t: 1\n\nprocessor\t: 1\ncpu family\t: 26\n";

TEST(SevDevice, TheProcessorIsTheFirstOfCpuinfo) {
  const auto cpu = amd_cpu(milan);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->family, 25U);
  EXPECT_EQ(cpu->model, 1U);
  EXPECT_EQ(cpu->stepping, 1U);
}

TEST(SevDevice, ProcessorsOfOthersAreNotNamed) {
  EXPECT_EQ(amd_cpu("vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nstepping\t: 8\n"), std::nullopt);
  EXPECT_EQ(amd_cpu(""), std::nullopt);
  EXPECT_EQ(amd_cpu("vendor_id\t: AuthenticAMD\ncpu family\t: x\nmodel\t\t: 1\nstepping\t: 1\n"), std::nullopt);
}

}  // namespace
}  // namespace provisioner
