#include "measurement/snp.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

base::Buffer vector_file(const std::string& name) {
  return name.starts_with("(empty") ? base::Buffer() : testing_files::read(testing_files::vectors() / "snp" / name);
}

bool is_text(const base::Json* json) {
  return json && json->is_string();
}

std::vector<base::Json> qemu_vectors() {
  const base::Buffer manifest = testing_files::read(testing_files::vectors() / "snp" / "manifest.json");
  std::vector<base::Json> found;
  if (manifest.empty()) return found;
  const base::Json document = base::Json::parse(base::text_of(manifest), "manifest");
  for (const base::Json& vector : document.at("vectors").array()) {
    const base::Json& parameters = vector.at("params");
    const base::Json* vmm = parameters.find("vmm");
    const base::Json* mode = parameters.find("mode");
    if (is_text(mode) && mode->text() == "snp" && is_text(vmm) && vmm->text() == "qemu") found.push_back(vector);
  }
  return found;
}

LaunchDigest measured(const base::Json& vector) {
  const base::Json& parameters = vector.at("params");
  const base::Buffer firmware = vector_file(vector.at("files").array().at(0).text());
  SnpLaunch launch;
  launch.firmware = read_sev_firmware(firmware);
  launch.firmware_digest = firmware_launch_digest(firmware);
  if (const base::Json* seed = parameters.find("snp_ovmf_hash"); is_text(seed))
    launch.firmware_digest = LaunchDigest::parse(seed->text()).value();
  if (is_text(parameters.find("kernel"))) {
    const base::Json* initrd = parameters.find("initrd");
    const base::Json* append = parameters.find("append");
    launch.kernel =
        kernel_hashes(base::sha256(vector_file(parameters.at("kernel").text())),
                      is_text(initrd) ? std::optional(base::sha256(vector_file(initrd->text()))) : std::nullopt,
                      is_text(append) ? append->text() : "");
  }
  launch.cpuid_signature = cpuid_signature(parameters.at("vcpu_type").text()).value();
  launch.sev_features = std::stoul(parameters.at("guest_features").text(), nullptr, 16);
  launch.vcpus = static_cast<unsigned>(parameters.at("vcpus").integer());
  return snp_launch_digests(launch).back();
}

TEST(SnpLaunchDigest, EqualsEveryQemuVector) {
  const std::vector<base::Json> vectors = qemu_vectors();
  if (vectors.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  unsigned matched = 0;
  for (const base::Json& vector : vectors) {
    SCOPED_TRACE(vector.at("id").text());
    if (vector.at("expected").text().starts_with("ERROR")) {
      EXPECT_THROW(measured(vector), base::Error);
      continue;
    }
    EXPECT_EQ(measured(vector).hex(), vector.at("expected").text());
    ++matched;
  }
  EXPECT_GE(matched, 20U);
}

TEST(SnpLaunchDigest, ComesForAllVcpuCountsFromOnePass) {
  SnpLaunch launch;
  launch.firmware.reset_address = 0x80b004;
  launch.vcpus = 8;
  const std::vector<LaunchDigest> all = snp_launch_digests(launch);
  launch.vcpus = 3;
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(all[2], snp_launch_digests(launch).back());
}

TEST(SnpLaunchDigest, RefusesVcpuCountsNobodyCanLaunch) {
  SnpLaunch launch;
  for (const unsigned vcpus : {0U, 2U, 4097U}) {
    launch.vcpus = vcpus;
    EXPECT_THROW(snp_launch_digests(launch), base::Error) << vcpus;
  }
}

struct Signature {
  std::string model;
  std::optional<std::uint32_t> value;
};
TEST(CpuidSignature, FollowsTheModelWhateverItsVersion) {
  for (const auto& [model, value] :
       {Signature{"EPYC-v4", 0x800f12}, Signature{"EPYC-Milan-v2", 0xa00f11}, Signature{"EPYC-Genoa", 0xa10f10},
        Signature{"host", std::nullopt}, Signature{"EPYC-v", std::nullopt}, Signature{"qemu64", std::nullopt}})
    EXPECT_EQ(cpuid_signature(model), value) << model;
}

}  // namespace
}  // namespace measurement
