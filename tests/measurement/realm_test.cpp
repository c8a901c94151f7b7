#include <gmock/gmock.h>

#include "base/error.h"
#include "measurement/realm_machine.h"
#include "tests/measurement/test_files.h"

// Known answers: veraison/cca-realm-measurements (MIT or Apache-2.0), tests/cmdline.rs, tests/event_log.rs and the unit
// tests of src/realm_config.rs.
namespace measurement {
namespace {

using testing::HasSubstr;

std::string rim(const PreparedRealm& prepared) {
  return realm_initial_measurement(prepared.realm).hex();
}

RealmMachine machine(std::uint64_t memory, unsigned vcpus, RealmHash hash) {
  RealmMachine made;
  made.host.hash = hash;
  made.host.ipa_bits = 52;
  made.host.breakpoints = made.host.watchpoints = 6;
  made.memory = memory << 20U;
  made.vcpus = vcpus;
  return made;
}

// The first 64 bytes of an arm64 Image say what the hypervisor needs; the rest may be anything. Those of the vector.
base::Buffer kernel_of_the_vector() {
  return testing_files::read(testing_files::vectors() / "tdx/cca/linux.bin");
}
const base::Buffer firmware = base::buffer_of(base::bytes_of("FW CONTENT"));
const base::Buffer initrd = base::buffer_of(base::bytes_of("INITRD CONTENT"));

TEST(Realm, OfKvmtoolIsThatOfTheReferenceTool) {
  RealmMachine kvmtool = machine(512, 1, RealmHash::sha256);
  EXPECT_THAT(rim(kvmtool_realm(kvmtool)),
              testing::StartsWith("998dfdf6401d69f73ed88ac53d62d5ea2cfac6320b887ce4599aa8671791d4d"));
  kvmtool.firmware = firmware;
  EXPECT_EQ(rim(kvmtool_realm(kvmtool)),
            "cf37146fce0ad50e1be1a04580c1024e5449b430b0dd96b6ef5c9a2b73767bf5" + std::string(64, '0'));
}

TEST(Realm, OfQemuIsThatOfTheReferenceTool) {
  RealmMachine qemu = machine(128, 1, RealmHash::sha512);
  qemu.host.pmu_counters = 6;
  EXPECT_EQ(
      rim(qemu_realm(qemu)),
      "cf409055d866eea6c8d5e7862b540ff1cac9b11f125d088587d5ae97a0e3341667cf8fb3983e7377bca5c01d037bd97081ebf3b4dcb64"
      "8442149749f4d65eeb0");
  qemu.host.pmu = true;
  EXPECT_EQ(
      rim(qemu_realm(qemu)),
      "8120ef921a987a3f8b9d4bb5e40f8489e2b4fc69c5e1b17b1a9b040884a1211d99b2bddc3fddcc99ec99f4244743fe3dcd3d9020583b4"
      "7f7b66a2ec66bb897b9");
  qemu.host.pmu_counters = 2;
  EXPECT_EQ(
      rim(qemu_realm(qemu)),
      "ef4e6f78ea9630f66146b33a405a07b669ef94dd9aca6935d4fd23fea32f98f964241a2f9a9c20c9fcd74e20031c51c4beb8e577873e0"
      "348e891ee2d727e2807");
}

TEST(Realm, OfQemuWithFirmwareDoesNotCoverTheKernel) {
  RealmMachine qemu = machine(1024, 2, RealmHash::sha256);
  qemu.firmware = firmware;
  const std::string wanted = "cbf533a94009dfa6b83016a89b428d1d910fb3593856bb386d7b2bd07a1bc834";
  EXPECT_THAT(rim(qemu_realm(qemu)), testing::StartsWith(wanted));
  const base::Buffer kernel(64);
  qemu.kernel = kernel;
  EXPECT_THAT(rim(qemu_realm(qemu)), testing::StartsWith(wanted));
  qemu.command_line = "root=/dev/vda2";
  EXPECT_THAT(rim(qemu_realm(qemu)),
              testing::StartsWith("fd3ce1072c3e95cd3a4d1a07729756564f260f9f7e95014418b416673a268b7a"));
}

TEST(Realm, OfQemuWithoutFirmwareCoversKernelInitrdAndCommandLine) {
  const base::Buffer kernel = kernel_of_the_vector();
  if (kernel.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  RealmMachine qemu = machine(1024, 2, RealmHash::sha256);
  qemu.kernel = kernel;
  EXPECT_THAT(rim(qemu_realm(qemu)),
              testing::StartsWith("e8862e21b8eb6b4bdeeff244dc59d2935c26d92c52d346f06e224fe712267a6"));
  qemu.initrd = initrd;
  EXPECT_THAT(rim(qemu_realm(qemu)),
              testing::StartsWith("9af47a8e4d6ac775e05f8a8893f9e383694688719d1bbb4281ed1c25056e0911"));
  qemu.command_line = "root=/dev/vda2";
  EXPECT_THAT(rim(qemu_realm(qemu)),
              testing::StartsWith("22d398e695e776385bc268454587b418dde16e34bc69d9a24fc96abb3050a24e"));
}

TEST(Realm, TakesADeviceTreeAsItIs) {
  RealmMachine qemu = machine(1024, 2, RealmHash::sha512);
  qemu.firmware = firmware;
  const PreparedRealm generated = qemu_realm(qemu);
  const std::string wanted =
      "3175b3c0c201081ad410defe6c32e145fd77ff03e63518a9f00831b12b6ec2070f743f43f0ff3290902ecebd4e6bea8d5926dca19dc1a06f"
      "b8d5"
      "1d551a4a2b79";
  EXPECT_EQ(rim(generated), wanted);
  qemu.vcpus = 8;
  EXPECT_NE(rim(qemu_realm(qemu)), wanted);
  qemu.device_tree = generated.device_tree;
  EXPECT_EQ(rim(qemu_realm(qemu)), wanted);
}

TEST(Realm, StartsFromItsParameters) {
  Realm empty;
  for (const auto change :
       {+[](RealmParameters& p) { p.pmu = true; }, +[](RealmParameters& p) { p.lpa2 = true; },
        +[](RealmParameters& p) { p.sve_bits = 128; }, +[](RealmParameters& p) { p.breakpoints = 3; },
        +[](RealmParameters& p) { p.watchpoints = 3; }, +[](RealmParameters& p) { p.pmu_counters = 1; },
        +[](RealmParameters& p) { p.ipa_bits = 47; }}) {
    Realm other = empty;
    change(other.parameters);
    EXPECT_NE(realm_initial_measurement(other), realm_initial_measurement(empty));
  }
}

TEST(Realm, RefusesWhatNoRealmCanBe) {
  struct Wrong {
    void (*change)(RealmMachine&);
    const char* message;
  };
  static const base::Buffer no_kernel(64);
  for (const Wrong& wrong :
       {Wrong{[](RealmMachine& m) { m.vcpus = 0; }, "vCPUs: got 0"},
        Wrong{[](RealmMachine& m) { m.memory = 4096; }, "memory: got 0x1000 bytes"},
        Wrong{[](RealmMachine& m) { m.memory = 0; }, "memory: got 0x0"},
        Wrong{[](RealmMachine& m) { m.host.ipa_bits = 40; }, "wanted at least 41"},
        Wrong{[](RealmMachine& m) { m.host.breakpoints = 1; }, "breakpoints: got 1, wanted 2 to 64"},
        Wrong{[](RealmMachine& m) { m.host.sve_bits = 100; }, "SVE bits: got 100"},
        Wrong{[](RealmMachine& m) { m.kernel = no_kernel; }, "no 'ARMd' magic"},
        Wrong{[](RealmMachine& m) { m.kernel = base::Bytes(no_kernel).first(9); }, "needs 64 bytes"},
        Wrong{[](RealmMachine& m) { m.initrd = no_kernel; }, "initrd: wanted with a kernel"}}) {
    RealmMachine qemu = machine(1024, 2, RealmHash::sha256);
    wrong.change(qemu);
    EXPECT_THAT([&] { rim(qemu_realm(qemu)); }, testing::ThrowsMessage<base::Error>(HasSubstr(wrong.message)));
  }
}

}  // namespace
}  // namespace measurement
