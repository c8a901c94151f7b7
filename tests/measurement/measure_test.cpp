#include "measurement/measure.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

struct Boot {
  std::string record, firmware, kernel;
  std::uint64_t memory = 1024;
  HypervisorVersion hypervisor;
};

// The files of these boots are too large to keep: $BULKHEAD_BOOT_FILES names a folder with them.
class FilesOfARealBoot : public testing::TestWithParam<Boot> {
 protected:
  static base::Buffer file(const std::string& name) {
    const char* folder = std::getenv("BULKHEAD_BOOT_FILES");
    return folder ? testing_files::read(std::filesystem::path(folder) / name) : base::Buffer();
  }
};

TEST_P(FilesOfARealBoot, GiveThePcrsTheTpmHad) {
  const base::Buffer firmware = file(GetParam().firmware);
  const base::Buffer kernel = file(GetParam().kernel);
  const base::Buffer initrd = file("initrd.cpio");
  if (firmware.empty() || kernel.empty() || initrd.empty()) GTEST_SKIP() << "BULKHEAD_BOOT_FILES has no such files";
  const RecordedBoot boot = read_boot(GetParam().record);
  LaunchConfiguration configuration;
  configuration.memory = {GetParam().memory};
  configuration.command_line = boot.command_line;
  configuration.initrd = BootFile{};
  configuration.hypervisor = GetParam().hypervisor;
  const Measurement measured = measure(configuration, BootBytes{firmware, kernel, base::Bytes(initrd)});
  EXPECT_EQ(std::get<TpmReferenceValues>(measured).pcrs, boot.pcrs);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, FilesOfARealBoot,
    testing::Values(Boot{"debian12-kernel6.12.txt", "fw22/OVMF_CODE_4M.fd", "vmlinuz", 1024, {7, 2}},
                    Boot{"debian12-kernel6.1.txt", "fw22/OVMF_CODE_4M.fd", "vmlinuz-6.1", 3072, {7, 2}},
                    Boot{"debian13-kernel6.12.txt", "fw25/OVMF_CODE_4M.fd", "vmlinuz", 1024, {10, 0}}));

TEST(ReferenceValues, SurviveJson) {
  TpmReferenceValues tpm;
  tpm.events = predict_boot_events({{}, {}, BankDigests{}, "console=ttyS0"});
  tpm.pcrs = fold(tpm.events);
  EXPECT_EQ(parse_reference_values(reference_values_json(tpm)), Measurement(tpm));
  SnpReferenceValues snp;
  snp.launch_digest.bytes.fill(7);
  snp.policy = 0x30000;
  snp.guest_svn = 3;
  EXPECT_EQ(parse_reference_values(reference_values_json(snp)), Measurement(snp));
  snp.vmm = "qemu-legacy";
  snp.identity = SnpIdentity{{1}, {2}, base::Sha384{{3}}, std::nullopt};
  EXPECT_EQ(parse_reference_values(reference_values_json(snp)), Measurement(snp));
  snp.identity->author_key_digest = base::Sha384{{4}};
  EXPECT_EQ(parse_reference_values(reference_values_json(snp)), Measurement(snp));
}

TEST(ReferenceValues, RefuseIdBlocksThatSayNoSuchThing) {
  SnpReferenceValues snp;
  snp.identity = SnpIdentity{{1}, {2}, base::Sha384{{3}}, base::Sha384{{4}}};
  const base::Json good = reference_values_json(snp);
  const std::pair<void (*)(base::Json&), const char*> cases[] = {
      {[](base::Json& s) { s["vmm"] = "bhyve"; }, "vmm is 'bhyve'"},
      {[](base::Json& s) { s.object().erase("vmm"); }, "missing member 'vmm'"},
      {[](base::Json& s) { s.object().erase("idBlock"); }, "missing member 'idBlock'"},
      {[](base::Json& s) { s["idBlock"]["familyId"] = "acme"; }, "familyId is 'acme'"},
      {[](base::Json& s) { s["idBlock"]["imageId"] = std::string(32, 'A'); }, "wanted 32 lower-case"},
      {[](base::Json& s) { s["idBlock"]["idKeyDigest"] = base::Json(); }, "string"},
      {[](base::Json& s) { s["idBlock"]["authorKeyDigest"] = "00"; }, "authorKeyDigest is '00'"},
      {[](base::Json& s) { s["idBlock"]["guestSvn"] = 1; }, "guestSvn"},
  };
  for (const auto& [change, message] : cases) {
    base::Json json = good;
    change(json["snp"]);
    EXPECT_THAT([&] { parse_reference_values(json); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(message)));
  }
}

TEST(ReferenceValues, RefuseEventsThatDoNotFoldToThePcrs) {
  TpmReferenceValues tpm;
  tpm.events = predict_boot_events({{}, {}, BankDigests{}, "console=ttyS0"});
  tpm.pcrs = fold(tpm.events);
  tpm.events.pop_back();
  EXPECT_THROW(parse_reference_values(reference_values_json(tpm)), base::Error);
}

TEST(ReferenceValues, RefuseDocumentsThatAreNotWhatTheyMustBe) {
  for (const char* text : {"{}", R"({"tdx":{}})", R"({"snp":{},"tpm":{}})", R"({"tpm":{"pcrs":{},"events":[]}})",
                           R"({"snp":{"launchDigest":"00","hostData":"00","policy":0,"guestSvn":0}})",
                           R"({"tpm":{"pcrs":{"sha256":{"24":"00"},"sha384":{}},"events":[]}})"})
    EXPECT_THROW(parse_reference_values(base::Json::parse(text, "test")), base::Error) << text;
}

TEST(Measure, OfATdSaysWhatIsMissing) {
  const base::Buffer firmware =
      testing_files::read(testing_files::vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd");
  if (firmware.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  LaunchConfiguration configuration;
  configuration.tee = base::Tee::tdx;
  configuration.memory = {2048};
  BootImages images({firmware, {}, std::nullopt});
  try {
    measure(configuration, images);
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    EXPECT_STREQ(error.what(), "RTMR0 cannot be known: ACPI tables: not given (etc/acpi/tables)");
  }
}

TdxReferenceValues some_td() {
  TdxReferenceValues tdx;
  tdx.mrtd.bytes[0] = 1;
  tdx.mr_config_id.bytes[1] = 2;
  for (const unsigned index : {1U, 2U, 3U}) tdx.events.push_back(separator_event(index));
  const PcrValues folded = fold(tdx.events);
  for (const unsigned index : {1U, 2U, 3U}) tdx.rtmrs[index - 1] = {folded.sha384.at(index)};
  tdx.rtmrs[1].push_back(base::Sha384{{7}});
  return tdx;
}

TEST(ReferenceValues, OfATdSurviveJson) {
  EXPECT_EQ(parse_reference_values(reference_values_json(some_td())), Measurement(some_td()));
}

TEST(ReferenceValues, OfATdMustFoldToTheFirstValueOfEachRegister) {
  for (const unsigned index : {0U, 1U, 2U}) {
    TdxReferenceValues tdx = some_td();
    tdx.rtmrs[index].front().bytes[5] ^= 1U;
    EXPECT_THAT([&] { parse_reference_values(reference_values_json(tdx)); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr("first value of RTMR" + std::to_string(index))));
    tdx.rtmrs[index].clear();
    EXPECT_THROW(parse_reference_values(reference_values_json(tdx)), base::Error);
  }
}

TEST(Measure, AsksForTheHypervisorVersionWhereItMatters) {
  LaunchConfiguration configuration;
  configuration.command_line = "console=ttyS0";
  BootImages images({});
  images.set_firmware_profile({FirmwareGeneration::from_202411, KernelSource::boot_file_first, InitrdWord::suffix,
                               SecureBootVariable::undefined});
  EXPECT_THAT([&] { measure(configuration, images); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("hypervisor version")));
}

}  // namespace
}  // namespace measurement
