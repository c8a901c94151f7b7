#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "measurement/cpu_models.h"
#include "measurement/sev.h"
#include "measurement/snp.h"
#include "measurement/vmsa.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using base::Json;

/// A folder with files, and a manifest.json that says what other people's tools measure of them.
class SevVectors : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static std::filesystem::path folder() {
    return GetParam() == std::string("shared") ? testing_files::vectors() / "snp" : testing_files::data() / "sev";
  }
  [[nodiscard]] static std::vector<Json> vectors() {
    const base::Buffer text = testing_files::read(folder() / "manifest.json");
    return text.empty() ? std::vector<Json>() : Json::parse(base::text_of(text), "manifest").at("vectors").array();
  }
};

/// One entry of a manifest.
class Vector {
 public:
  Vector(const Json& json, std::filesystem::path folder) : json_(json), folder_(std::move(folder)) {}

  [[nodiscard]] std::string id() const { return json_.at("id").text(); }
  [[nodiscard]] std::string expected() const { return json_.at("expected").text(); }
  [[nodiscard]] std::string text(const char* parameter, std::string otherwise = "") const {
    const Json* found = json_.at("params").find(parameter);
    return found && found->is_string() ? found->text() : otherwise;
  }
  [[nodiscard]] unsigned vcpus() const { return static_cast<unsigned>(json_.at("params").at("vcpus").integer()); }
  [[nodiscard]] bool has_firmware() const { return !json_.at("files").array().empty(); }
  [[nodiscard]] std::string firmware_name() const { return json_.at("files").array().at(0).text(); }
  [[nodiscard]] base::Buffer firmware() const { return testing_files::read(folder_ / firmware_name()); }
  [[nodiscard]] std::optional<KernelHashes> kernel() const {
    if (text("kernel").empty()) return std::nullopt;
    const std::string initrd = text("initrd");
    return kernel_hashes(sha256_of(text("kernel")), initrd.empty() ? std::nullopt : std::optional(sha256_of(initrd)),
                         text("append"));
  }
  [[nodiscard]] std::uint32_t signature() const {
    if (text("product") == "Genoa") return 0xa10f10;
    const std::optional<std::uint32_t> of_model = cpuid_signature(text("vcpu_type", "EPYC"));
    const auto stated = static_cast<std::uint32_t>(std::stoul(text("vcpu_sig", "0"), nullptr, 16));
    if (stated != 0 && !text("vcpu_type").empty()) {
      EXPECT_EQ(of_model, stated) << id();
    }
    return stated != 0 ? stated : of_model.value();
  }

 private:
  [[nodiscard]] base::Sha256 sha256_of(const std::string& name) const {
    return base::sha256(name.starts_with("(empty") ? base::Buffer() : testing_files::read(folder_ / name));
  }
  Json json_;
  std::filesystem::path folder_;
};

/// Firmware of which only the metadata and the digest of its pages are kept.
struct DescribedFirmware {
  SevFirmware firmware;
  LaunchDigest digest;
};
std::uint32_t number(const Json& text) {
  return static_cast<std::uint32_t>(std::stoul(text.text(), nullptr, 16));
}
DescribedFirmware described(const Json& json) {
  DescribedFirmware found;
  for (const Json& item : json.at("MetadataItems").array())
    found.firmware.sections.push_back(
        {number(item.at("GPA")), number(item.at("Size")),
         SevSectionType{static_cast<std::uint32_t>(item.at("SectionTypeInt").integer())}});
  found.firmware.boot.reset_address = number(json.at("ResetEIP"));
  if (const Json* table = json.find("HashTable")) found.firmware.boot.hash_table = {number(*table), 0x400};
  found.digest = LaunchDigest::parse(json.at("OVMFHash").text()).value();
  return found;
}
DescribedFirmware described(const Vector& vector) {
  const base::Buffer bytes = vector.firmware();
  if (vector.firmware_name().ends_with(".json")) return described(Json::parse(base::text_of(bytes), "metadata"));
  const std::string seed = vector.text("snp_ovmf_hash");
  return {read_sev_firmware(bytes), seed.empty() ? firmware_launch_digest(bytes) : LaunchDigest::parse(seed).value()};
}

VmmProfile profile_of(const std::string& vmm) {
  if (vmm.starts_with("ec2 (rdx=0,")) return *find_vmm_profile("ec2-2025");
  return *find_vmm_profile(vmm.substr(0, vmm.find(' ')));
}

std::string snp_digest(const Vector& vector) {
  DescribedFirmware firmware = described(vector);
  SnpLaunches launches(firmware.digest, std::move(firmware.firmware), profile_of(vector.text("vmm")));
  return launches
      .digests({vector.kernel(), vector.signature(), std::stoull(vector.text("guest_features"), nullptr, 16),
                vector.vcpus()})
      .back()
      .hex();
}

std::string sev_es_digest(const Vector& vector) {
  // The manifest's two entries are those of sev-snp-measure, which computes the synchronized form only.
  const base::Buffer firmware = vector.firmware();
  return sev_es_launch_digests({firmware, vector.kernel(), vector.signature(), 0,
                                vector.text("fpu", "synced") == "synced" ? SevEsVmType::init2 : SevEsVmType::legacy,
                                vector.vcpus()})
      .back()
      .hex();
}

const std::map<std::string, std::function<std::string(const Vector&)>>& modes() {
  static const std::map<std::string, std::function<std::string(const Vector&)>> table{
      {"snp", snp_digest},
      {"snp:ovmf-hash", [](const Vector& vector) { return firmware_launch_digest(vector.firmware()).hex(); }},
      {"seves", sev_es_digest},
      {"sev", [](const Vector& vector) { return sev_launch_digest(vector.firmware(), vector.kernel()).hex(); }}};
  return table;
}

TEST_P(SevVectors, AreMatched) {
  const std::vector<Json> all = vectors();
  if (all.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  std::map<std::string, unsigned> matched;
  for (const Json& entry : all) {
    const Vector vector(entry, folder());
    const auto mode = modes().find(vector.text("mode"));
    if (mode == modes().end()) continue;  // IGVM and ID blocks have their own tests; the rest is below
    SCOPED_TRACE(vector.id());
    if (vector.expected().starts_with("ERROR"))
      EXPECT_THROW(mode->second(vector), base::Error);
    else
      EXPECT_EQ(mode->second(vector), vector.expected());
    ++matched[mode->first];
  }
  EXPECT_GE(matched["snp"], 20U);
  if (GetParam() == std::string("ours")) return;  // of firmware, our own data has only what SNP needs
  EXPECT_GE(matched["snp:ovmf-hash"], 1U);
  EXPECT_GE(matched["sev"], 1U);
  EXPECT_GE(matched["seves"], 1U);
}
INSTANTIATE_TEST_SUITE_P(From, SevVectors, testing::Values("shared", "ours"),
                         [](const auto& set) { return std::string(set.param); });

// Source: google/gce-tcb-verifier 74582c07, sev/sev_test.go.
TEST(LaunchPages, EqualThoseOfGceTcbVerifier) {
  base::Buffer data(3 * page_size);
  for (const std::size_t at : {std::size_t{0}, data.size() - 16})
    std::ranges::copy(base::bytes_of("LGTMLGTMLGTMLGTM"), data.begin() + static_cast<std::ptrdiff_t>(at));
  LaunchPages measured;
  measured.add_measured(PageType::normal, {0}, data);
  EXPECT_EQ(measured.digest().hex(),
            "cba1cd767c33b30f96271837dbbae4081a945464a5af397b9b0336b5d8759ee88cc6b62c05d915c4424a9ac5747437d4");
  LaunchPages unmeasured;
  unmeasured.add_unmeasured(PageType::zero, {0x9000}, 3 * page_size);
  EXPECT_EQ(unmeasured.digest().hex(),
            "4bfe18477ba370a50329da74b9621e721c4f29663176e08fbcf088a17c1bc45f133898b86d5082acbe202a6e9419808a");
}

TEST(LaunchPages, RefuseHalfPages) {
  LaunchPages pages;
  EXPECT_THROW(pages.add_measured(PageType::normal, {0}, base::Buffer(100)), base::Error);
  EXPECT_THROW(pages.add_unmeasured(PageType::zero, {0x800}, page_size), base::Error);
}

// More than one thread and repeated pages must not show.
TEST(LaunchPages, HashEachPageOfALargeFileWhereverItIs) {
  base::Buffer data(301 * page_size);
  for (std::size_t page = 0; page < 301; ++page) data[page * page_size] = static_cast<std::uint8_t>(page / 3);
  const std::vector<base::Sha384> contents = page_contents(data);
  ASSERT_EQ(contents.size(), 301U);
  for (std::size_t page = 0; page < 301; ++page)
    EXPECT_EQ(contents[page], base::sha384(base::Bytes(data).subspan(page * page_size, page_size))) << page;
}

TEST(Vmsa, OfGceEqualsThePageOfGceTcbVerifier) {
  const VcpuReset reset{Processor::boot, 0xfffffff0, 0xa00f11, 1};
  EXPECT_EQ(base::sha256(vmsa_page(reset, find_vmm_profile("gce")->reset)).hex(),
            "a2b1355de1e1f11159d4cfaa28a748c6d19f63b330a7cb09696eda0c5f2f8ab8");
}

// libvirt 12.8.0, virt-qemu-sev-validate, get_measurements(); the digest is that of "deb-amdsev-sev".
TEST(SevLaunchMeasure, EqualsThatOfLibvirt) {
  SevLaunchSession session{1, 55, 24, 3, {}};
  base::Buffer key(16);
  for (std::uint8_t i = 0; i < 16; ++i) {
    key[i] = i;
    session.nonce[i] = static_cast<std::uint8_t>(0x10 + i);
  }
  const auto digest =
      SevLaunchDigest::parse("199a6636a7597b20ef9925049b9be4c98ea0795eb8d78909b8d04125f40425a5").value();
  EXPECT_EQ(sev_launch_measure(key, session, digest).hex(),
            "a00cbbcc9aef27025e57b69f52a3f9de51a02ace2c2354ebfa7766052cfb5170");
  EXPECT_THROW(sev_launch_measure(base::Buffer(15), session, digest), base::Error);
}

}  // namespace
}  // namespace measurement
