#include "measurement/explain.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "measurement/cpu_models.h"
#include "measurement/explain_models.h"
#include "measurement/snp.h"
#include "tests/measurement/firmware_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

KnownFile known(std::string name, const base::Buffer& bytes) {
  return {std::move(name), bytes, base::sha256(bytes)};
}

/// Two builds of firmware, two kernels, two initrds and a planned launch of the first of each.
class Explain : public testing::Test {
 protected:
  Explain() {
    other_firmware_[0] = 1;
    files_ = {{known("OVMF.fd", firmware_), known("OVMF-old.fd", other_firmware_)},
              {known("vmlinuz-6.12", kernel_), known("vmlinuz-6.1", other_kernel_)},
              {known("initrd-6.12", initrd_), known("initrd-6.1", other_initrd_)}};
    planned_.launch.kernel = planned_.launch.initrd = 0;
    planned_.launch.command_line = "console=ttyS0 quiet  ro";
    planned_.launch.cpu = "EPYC-Milan";
    planned_.launch.cpuid_signature = 0xa00f11;
    planned_.launch.vcpus = 16;
  }

  /// The launch digest, not by way of the model that is tested.
  [[nodiscard]] LaunchDigest digest_of(const LaunchCandidate& launch) const {
    const base::Bytes firmware = files_.firmware[launch.firmware].bytes;
    SnpLaunches launches(firmware_launch_digest(firmware), read_sev_firmware(firmware), *find_vmm_profile(launch.vmm));
    SnpGuest guest{std::nullopt, launch.cpuid_signature, launch.sev_features, launch.vcpus};
    if (launch.kernel && launch.kernel_hashes)
      guest.kernel = kernel_hashes(
          base::sha256(files_.kernels[*launch.kernel].bytes),
          launch.initrd ? std::optional(base::sha256(files_.initrds[*launch.initrd].bytes)) : std::nullopt,
          launch.command_line);
    return launches.digests(guest).back();
  }
  SearchResult explained(const LaunchDigest& digest, const SearchOptions& options = {}) {
    const auto model = snp_model(files_);
    return explain_digest(digest.view(), {planned_}, files_, *model, options);
  }
  std::string text(const LaunchCandidate& launched) {
    const SearchResult result = explained(digest_of(launched));
    return result.found ? text_of(*result.found, {planned_}) : "nothing";
  }

  base::Buffer firmware_ = firmware_image::firmware(), other_firmware_ = firmware_image::firmware();
  base::Buffer kernel_ = base::Buffer(900, 1), other_kernel_ = base::Buffer(900, 2);
  base::Buffer initrd_ = base::Buffer(700, 3), other_initrd_ = base::Buffer(700, 4);
  KnownFiles files_;
  PlannedLaunch planned_{"acme/worker", {}};
};

TEST_F(Explain, SaysWhenADigestIsThePlannedOne) {
  EXPECT_EQ(text(planned_.launch), "acme/worker, as planned");
}

TEST_F(Explain, FindsAnotherNumberOfVcpus) {
  LaunchCandidate launched = planned_.launch;
  for (const unsigned vcpus : {1U, 8U, 15U, 17U, 512U}) {
    launched.vcpus = vcpus;
    EXPECT_EQ(text(launched),
              "acme/worker with " + std::to_string(vcpus) + (vcpus == 1 ? " vCPU" : " vCPUs") + " (planned 16)");
  }
}

TEST_F(Explain, FindsEverySingleChangeThatChangesTheDigest) {
  const LaunchDigest as_planned = digest_of(planned_.launch);
  std::size_t found = 0;
  for (const Change& change : variations(planned_.launch, files_)) {
    LaunchCandidate launched = planned_.launch;
    change.apply(launched);
    const LaunchDigest digest = digest_of(launched);
    if (digest == as_planned) continue;  // memory, or an initrd without kernel hashes
    const SearchResult result = explained(digest);
    ASSERT_TRUE(result.found.has_value()) << change.text;
    ASSERT_EQ(result.found->changes.size(), 1U) << change.text;
    EXPECT_EQ(digest_of(result.found->launch), digest) << change.text;
    ++found;
  }
  EXPECT_GE(found, 40U);
}

struct Planted {
  std::string name, text;
  std::function<void(LaunchCandidate&)> change;
};
void PrintTo(const Planted& planted, std::ostream* out) {
  *out << planted.name;
}

class ExplainOne : public Explain, public testing::WithParamInterface<Planted> {};

TEST_P(ExplainOne, InWordsThatNameTheInput) {
  LaunchCandidate launched = planned_.launch;
  GetParam().change(launched);
  EXPECT_EQ(text(launched), "acme/worker with " + GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExplainOne,
    testing::Values(
        Planted{"newline", "a command line with a trailing newline (planned: without)",
                [](LaunchCandidate& launch) { launch.command_line += "\n"; }},
        Planted{"nul", "a command line with a second NUL at its end (planned: one)",
                [](LaunchCandidate& launch) { launch.command_line += std::string(1, '\0'); }},
        Planted{"word", "a command line without the word 'quiet' (planned: with it)",
                [](LaunchCandidate& launch) { launch.command_line = "console=ttyS0 ro"; }},
        Planted{"blanks", "a command line with single blanks between its words (planned: several)",
                [](LaunchCandidate& launch) { launch.command_line = "console=ttyS0 quiet ro"; }},
        Planted{"hashes", "kernel-hashes off (planned: on)",
                [](LaunchCandidate& launch) { launch.kernel_hashes = false; }},
        Planted{"initrd", "no initrd (planned: initrd-6.12)",
                [](LaunchCandidate& launch) { launch.initrd = std::nullopt; }},
        Planted{"kernel", "kernel vmlinuz-6.1 (planned: vmlinuz-6.12)",
                [](LaunchCandidate& launch) { launch.kernel = 1; }},
        Planted{"firmware", "firmware OVMF-old.fd (planned: OVMF.fd)",
                [](LaunchCandidate& launch) { launch.firmware = 1; }},
        Planted{"cpu", "CPU model EPYC-Rome (planned: EPYC-Milan)",
                [](LaunchCandidate& launch) { launch.cpuid_signature = 0x830f10; }},
        Planted{"alias", "CPU model EPYC or EPYC-IBPB (planned: EPYC-Milan)",
                [](LaunchCandidate& launch) { launch.cpuid_signature = 0x800f12; }},
        Planted{"features", "SEV features 0x21, with DebugSwap (planned: 0x1)",
                [](LaunchCandidate& launch) { launch.sev_features = 0x21; }},
        Planted{"vmm", "hypervisor profile gce (planned: qemu)", [](LaunchCandidate& launch) { launch.vmm = "gce"; }},
        Planted{"pair",
                "SEV features 0x21, with DebugSwap (planned: 0x1) and kernel vmlinuz-6.1 (planned: vmlinuz-6.12)",
                [](LaunchCandidate& launch) {
                  launch.kernel = 1;
                  launch.sev_features = 0x21;
                }},
        Planted{"three",
                "2 vCPUs (planned 16), a command line with a trailing newline (planned: without) and initrd "
                "initrd-6.1 (planned: initrd-6.12)",
                [](LaunchCandidate& launch) {
                  launch.command_line += "\n";
                  launch.initrd = 1;
                  launch.vcpus = 2;
                }}),
    [](const auto& test) { return test.param.name; });

TEST_F(Explain, TakesTheHostsSignatureFromAReport) {
  LaunchCandidate launched = planned_.launch;
  launched.cpuid_signature = 0xa20f12;
  SearchOptions options;
  EXPECT_FALSE(explained(digest_of(launched), options).found.has_value());
  options.host_signature = 0xa20f12;
  const SearchResult result = explained(digest_of(launched), options);
  ASSERT_TRUE(result.found.has_value());
  EXPECT_THAT(result.found->changes, ElementsAre("CPU model host, which is 0xa20f12 (planned: EPYC-Milan)"));
}

TEST_F(Explain, SaysThatNothingMatches) {
  const SearchResult result = explained(LaunchDigest{});
  EXPECT_FALSE(result.found.has_value());
  EXPECT_TRUE(result.complete);
  EXPECT_GT(result.tried, 500U);
  EXPECT_THAT(result.impossible, IsEmpty());
}

TEST_F(Explain, SaysWhyThePlannedLaunchCannotBe) {
  const base::Buffer empty(8192);
  files_.firmware = {known("empty", empty)};
  const SearchResult result = explained(LaunchDigest{});
  ASSERT_EQ(result.impossible.size(), 1U);
  EXPECT_THAT(result.impossible[0], HasSubstr("acme/worker: firmware"));
}

TEST_F(Explain, CanBeStopped) {
  SearchOptions options;
  options.progress = [](std::size_t, std::size_t) { return false; };
  const SearchResult result = explained(LaunchDigest{}, options);
  EXPECT_FALSE(result.complete);
  EXPECT_LT(result.tried, 100U);
}

/// A digest that names the candidate it is of: the command line's first byte and the features.
class CountingModel final : public LaunchModel {
 public:
  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> two{Input::kernel, Input::initrd};
    return two;
  }
  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes) override {
    seen.emplace_back(candidate.kernel, candidate.initrd);
    return std::nullopt;
  }
  std::vector<std::pair<std::optional<std::size_t>, std::optional<std::size_t>>> seen;
};

TEST_F(Explain, TriesSingleChangesBeforePairsAndVariesOnlyWhatTheDigestDependsOn) {
  CountingModel model;
  (void)explain_digest(LaunchDigest{}.view(), {planned_}, files_, model);
  using Pair = std::pair<std::optional<std::size_t>, std::optional<std::size_t>>;
  EXPECT_THAT(model.seen,
              ElementsAre(Pair(0, 0), Pair(0, std::nullopt), Pair(0, 1), Pair(std::nullopt, 0), Pair(1, 0),
                          Pair(std::nullopt, std::nullopt), Pair(1, std::nullopt), Pair(std::nullopt, 1), Pair(1, 1)));
}

struct Vector {
  std::string id;                                   ///< of the shared vectors: the digest that is observed
  std::string changes;                              ///< what explains it
  std::function<void(LaunchCandidate&)> plan = {};  ///< how the plan differs from the common one
};

// Digests of other people's tools (virtee's sev-snp-measure and sev crate), explained from another plan.
TEST(ExplainVectors, OfOtherToolsAreExplained) {
  const auto folder = testing_files::vectors() / "snp";
  const base::Buffer manifest = testing_files::read(folder / "manifest.json");
  if (manifest.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const base::Buffer firmware = testing_files::read(folder / "debian/OVMF.amdsev.fd");
  const base::Buffer kernel = testing_files::read(folder / "synthetic/kernel.bin");
  const base::Buffer initrd = testing_files::read(folder / "synthetic/initrd.bin");
  const KnownFiles files{{known("OVMF.amdsev.fd", firmware)}, {known("kernel", kernel)}, {known("initrd", initrd)}};
  const base::Json document = base::Json::parse(base::text_of(manifest), "manifest");

  LaunchCandidate common;
  common.kernel = common.initrd = 0;
  common.command_line = "console=ttyS0 root=/dev/vda1 ro";
  common.cpu = "EPYC-v4";
  common.cpuid_signature = 0x800f12;
  common.vcpus = 2;
  const auto without_kernel = [](LaunchCandidate& plan) { plan.kernel = plan.initrd = std::nullopt; };
  const Vector table[] = {
      {"deb-amdsev-kernel-2vcpu", ", as planned"},
      {"deb-amdsev-kernel-1vcpu", " with 1 vCPU (planned 2)"},
      {"deb-amdsev-kernel-4vcpu", " with 4 vCPUs (planned 2)"},
      {"deb-amdsev-nokernel-2vcpu", " with kernel-hashes off (planned: on)"},
      {"deb-amdsev-nokernel-16vcpu", " with 16 vCPUs (planned 2) and kernel-hashes off (planned: on)"},
      {"deb-amdsev-cpu-EPYC-Rome", " with CPU model EPYC-Rome (planned: EPYC-v4)", without_kernel},
      {"deb-amdsev-cpu-EPYC-Milan", " with CPU model EPYC-Milan (planned: EPYC-v4)", without_kernel},
      {"deb-amdsev-ec2-1vcpu", " with 1 vCPU (planned 2) and hypervisor profile ec2 (planned: qemu)", without_kernel},
      {"deb-amdsev-gce-1vcpu", " with 1 vCPU (planned 2) and hypervisor profile gce (planned: qemu)", without_kernel},
      {"deb-amdsev-append-whitespace-' trailing '",
       " with 1 vCPU (planned 2) and a command line with a blank at both ends (planned: without)",
       [](LaunchCandidate& plan) { plan.command_line = "trailing"; }}};
  for (const Vector& vector : table) {
    const auto& all = document.at("vectors").array();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& v) { return v.at("id").text() == vector.id; });
    ASSERT_NE(found, all.end()) << vector.id;
    PlannedLaunch planned{"launch", common};
    if (vector.plan) vector.plan(planned.launch);
    const auto model = snp_model(files);
    const LaunchDigest digest = LaunchDigest::parse(found->at("expected").text()).value();
    const SearchResult result = explain_digest(digest.view(), {planned}, files, *model);
    ASSERT_TRUE(result.found.has_value()) << vector.id;
    EXPECT_EQ(text_of(*result.found, {planned}), "launch" + vector.changes);
  }
}

TEST(ExplainVectors, OfSevAndSevEsAreExplained) {
  const auto folder = testing_files::vectors() / "snp";
  const base::Buffer firmware = testing_files::read(folder / "debian/OVMF.amdsev.fd");
  const base::Buffer kernel = testing_files::read(folder / "synthetic/kernel.bin");
  const base::Buffer initrd = testing_files::read(folder / "synthetic/initrd.bin");
  if (firmware.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const KnownFiles files{{known("OVMF.amdsev.fd", firmware)}, {known("kernel", kernel)}, {known("initrd", initrd)}};
  PlannedLaunch planned{"launch", {}};
  planned.launch.kernel = planned.launch.initrd = 0;
  planned.launch.command_line = "x\n";
  planned.launch.cpuid_signature = 0x800f12;
  planned.launch.vcpus = 1;
  // deb-amdsev-sev and deb-amdsev-seves-2vcpu-fpu of the shared vectors.
  const auto sev = base::from_hex("199a6636a7597b20ef9925049b9be4c98ea0795eb8d78909b8d04125f40425a5").value();
  const auto sev_es = base::from_hex("742dacad74ce3156d0faa32c30c129e3d880d177aeb0c7a0d71043a19b07b0a0").value();
  const SearchResult of_sev = explain_digest(sev, {planned}, files, *sev_model(files));
  ASSERT_TRUE(of_sev.found.has_value());
  EXPECT_EQ(text_of(*of_sev.found, {planned}),
            "launch with a command line without the newline at its end (planned: with it)");
  const SearchResult of_es = explain_digest(sev_es, {planned}, files, *sev_es_model(files));
  ASSERT_TRUE(of_es.found.has_value());
  EXPECT_EQ(text_of(*of_es.found, {planned}),
            "launch with 2 vCPUs (planned 1) and a command line without the newline "
            "at its end (planned: with it)");
  EXPECT_THAT(of_es.found->reg, HasSubstr("KVM_SEV_INIT2"));
}

}  // namespace
}  // namespace measurement
