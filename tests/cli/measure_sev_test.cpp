#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/firmware_image.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

/// Two firmware images on disk as long as the tests run: with a section for kernel hashes, and without.
class FirmwareFiles {
 public:
  FirmwareFiles() {
    using namespace measurement;
    const firmware_image::Entry metadata{sev_metadata_guid, 0x1000}, reset{sev_es_reset_guid, 0x80b004};
    write(amdsev(), firmware_image::firmware());
    write(plain(), firmware_image::firmware({metadata, reset}));
  }
  [[nodiscard]] std::string amdsev() const { return folder_.file("amdsev.fd"); }
  [[nodiscard]] std::string plain() const { return folder_.file("plain.fd"); }

 private:
  static void write(const std::string& path, const base::Buffer& bytes) {
    std::ofstream(path, std::ios::binary) << base::text_of(bytes);
  }
  tests::TemporaryFolder folder_;
};
const FirmwareFiles files;
const std::string amdsev = files.amdsev();
const std::string plain = files.plain();

/// Files of this test, made anew for each case.
class MeasureSev : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name, std::size_t size) const {
    const std::string path = folder_.file(name);
    std::ofstream(path) << "";
    std::filesystem::resize_file(path, size);
    return path;
  }
  static Json json(std::vector<std::string> words) {
    words.insert(words.begin(), "measure");
    words.emplace_back("--json");
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, "output");
  }

 private:
  tests::TemporaryFolder folder_;
};

// The values are what sev-snp-measure 0.0.13 says of the same files.
TEST_F(MeasureSev, GivesTheDigestsOfSevSnpMeasure) {
  const std::string empty = "/dev/null";
  const std::vector<std::string> kernel{"--firmware", amdsev, "--kernel", empty, "--initrd", empty};
  const auto with_kernel = [&](std::vector<std::string> words) {
    words.insert(words.begin() + 1, kernel.begin(), kernel.end());
    return json(words).at("launchDigest");
  };
  EXPECT_EQ(with_kernel({"snp", "--vcpus", "1,4", "--cpu", "EPYC-v4"}).at("4").text(),
            "41d8a88b01efcaeba2c60959d437212453fb78e72c0a5147634cf9915a416499c0fc0c5dfc75eaacc95c50e514abb03c");
  EXPECT_EQ(
      with_kernel({"snp", "--cpu-sig", "0x800f12", "--sev-features", "0x21", "--cmdline", "console=ttyS0 loglevel=7"})
          .at("1")
          .text(),
      "8e6e94306ef2d1a28117fc41b4db11d4214a0fd22f2e886916336235c79365e38391a2f8f6442b1239ed228c74f895cb");
  EXPECT_EQ(with_kernel({"snp", "--vmm", "ec2"}).at("1").text(),
            "e3ce17b69f274c8ba82289bbf418e5a05f8632c18dc5a9dc130c89d0aa18d5c1fb6feff4553713903ac088c2266ebcf1");
  EXPECT_EQ(with_kernel({"sev-es", "--cpu", "EPYC-v4", "--vm-type", "init2"}).at("1").text(),
            "8edbdbbcdd4568b796d822d58ffe1891c155d3abbabba19acb0f164671fd3c02");
  EXPECT_EQ(with_kernel({"sev", "--cmdline", "console=ttyS0 loglevel=7"}).text(),
            "bbb8262df98d03a962be6b10a85615facc9d163dabd455a79126e1282cb16186");
}

TEST_F(MeasureSev, StartsFromADigestOfTheFirmwareThatIsKnown) {
  const std::string seed =
      "358d82d5aacac19705da4fb559c40d06021799547e5cf04be94145f1054b6a0b00933a920a79b3498460eea9bf2311d3";
  const Json ours = json({"snp", "--firmware", amdsev, "--cpu", "EPYC"});
  EXPECT_EQ(ours.at("firmwareDigest").text(), seed);
  EXPECT_EQ(json({"snp", "--firmware", amdsev, "--cpu", "EPYC", "--firmware-digest", seed}), ours);
}

TEST_F(MeasureSev, GivesTheLeastTcbToVerifiersOnlyWhenItIsTold) {
  const auto values = [](const std::vector<std::string>& more) {
    std::vector<std::string> words{"measure", "snp", "--firmware", amdsev, "--cpu", "EPYC-Milan", "--format", "rvps"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, "rvps").at("values");
  };
  EXPECT_EQ(values({}).find("snp_microcode"), nullptr);
  const Json told = values({"--min-tcb", "bootloader=254,microcode=219"});
  EXPECT_EQ(told.at("snp_bootloader"), Json(Json::Array{254, 255}));
  EXPECT_EQ(told.at("snp_microcode").array().front().integer(), 219);
  EXPECT_EQ(told.find("snp_tee_svn"), nullptr);
  for (const char* wrong : {"", "milan", "snp", "snp=1,snp=2", "fmc=1", "snp=256", "snp=1,"}) {
    const Ran ran = run_command({"measure", "snp", "--firmware", amdsev, "--cpu", "EPYC-Milan", "--min-tcb", wrong});
    EXPECT_EQ(ran.code, 64) << wrong;
    EXPECT_THAT(ran.err, HasSubstr("--min-tcb")) << wrong;
  }
}

TEST_F(MeasureSev, ListsExactlyTheCountsAskedFor) {
  const Json digests = json({"snp", "--firmware", amdsev, "--cpu", "EPYC", "--vcpus", "2,8-10,2"}).at("launchDigest");
  std::vector<std::string> counts;
  for (const auto& [count, digest] : digests.object()) counts.push_back(count);
  EXPECT_THAT(counts, testing::UnorderedElementsAre("2", "8", "9", "10"));
}

TEST_F(MeasureSev, SaysWhatItAssumed) {
  const Ran ran = run_command({"measure", "snp", "--firmware", amdsev, "--cpu", "EPYC-Milan-v2", "--vcpus", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* said : {"QEMU 9.1 or later", "EPYC-Milan-v2", "0xa00f11", "SEV features   0x1", "off: no kernel",
                           "2 vCPUs", "note: the digest covers the firmware alone", "kernel-hashes=on"})
    EXPECT_THAT(ran.out, HasSubstr(said));
  const Json assumed = json({"snp", "--firmware", amdsev, "--cpu", "EPYC-Milan-v2"}).at("assumed");
  EXPECT_EQ(assumed.at("vmm").text(), "qemu");
  EXPECT_EQ(assumed.at("cpuSignature").text(), "0xa00f11");
  EXPECT_FALSE(assumed.at("kernelHashes").boolean());
}

TEST_F(MeasureSev, NotesThatAKernelCannotBeStarted) {
  const Json notes = json({"snp", "--firmware", amdsev, "--cpu", "EPYC", "--kernel", file("kernel", 4096)}).at("notes");
  EXPECT_EQ(notes.array().at(0).text(),
            "QEMU hashes this kernel but cannot start it: kernel+0x1fe: boot flag is not 0xaa55: no bzImage");
}

TEST_F(MeasureSev, TakesTheCpuInThreeForms) {
  const Json by_model = json({"snp", "--firmware", amdsev, "--cpu", "EPYC-Genoa"}).at("launchDigest");
  EXPECT_EQ(json({"snp", "--firmware", amdsev, "--cpu-sig", "0xa10f10"}).at("launchDigest"), by_model);
  EXPECT_EQ(json({"snp", "--firmware", amdsev, "--cpu-family", "25", "--cpu-model", "17", "--cpu-stepping", "0"})
                .at("launchDigest"),
            by_model);
}

// The measurement is Python's hmac over the message of AMD 55766, section 6.5.1, with SHA-256 of this
// firmware, a key of zeros and the nonce 00 01 .. 0f.
TEST_F(MeasureSev, ChecksWhatTheHostReports) {
  const std::string key = file("tik", 16);
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  const auto check = [&](const std::string& measurement) {
    return run_command({"measure", "sev", "--firmware", plain, "--measurement", measurement, "--tik", key, "--policy",
                        "0x3", "--api-major", "1", "--api-minor", "55", "--build-id", "24"});
  };
  const Ran other = check(std::string(64, 'A'));
  EXPECT_EQ(other.code, 5);
  EXPECT_THAT(other.out, HasSubstr("of another launch"));
  const Ran genuine = check("M9Z2gp7in3Ub4KoP4/TSrBfzlGbf6UwRKqwbS57stokAAQIDBAUGBwgJCgsMDQ4P");
  EXPECT_EQ(genuine.code, 0) << genuine.out << genuine.err;
  EXPECT_THAT(genuine.out, HasSubstr("is of this launch"));
  EXPECT_THAT(check("AAAA").err, HasSubstr("wanted base64 of 48 bytes"));
}

struct Refusal {
  std::vector<std::string> words;
  int code;
  std::string message;
};
class RefusedMeasurement : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedMeasurement, NamesFlagOrFile) {
  std::vector<std::string> words = GetParam().words;
  words.insert(words.begin(), "measure");
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, GetParam().code) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

const std::string readme = std::string(BULKHEAD_TEST_DATA) + "/measurement/sev/README.md";
Refusal snp(std::vector<std::string> more, int code, std::string message) {
  more.insert(more.begin(), {"snp", "--firmware", amdsev, "--cpu", "EPYC"});
  return {std::move(more), code, std::move(message)};
}
INSTANTIATE_TEST_SUITE_P(
    Table, RefusedMeasurement,
    testing::Values(
        snp({"--vcpus", "0"}, 3, "vCPUs: got 0, wanted 1 to 4096"), snp({"--vcpus", "1-4097"}, 3, "vCPUs: got 4097"),
        snp({"--vcpus", "4-2"}, 64, "--vcpus: got '4-2'"), snp({"--vcpus", "1,,2"}, 64, "--vcpus: got '1,,2'"),
        snp({"--vcpus", "two"}, 64, "'two'"), snp({"--vcpus", "1-"}, 64, "'1-'"), snp({"--vcpus", "0x4"}, 64, "'0x4'"),
        snp({"--vcpus", "99999999999999999999"}, 64, "--vcpus"), snp({"--sev-features", "1g"}, 64, "--sev-features"),
        snp({"--sev-features", "021"}, 64, "--sev-features: got '021'"),
        snp({"--vmm", "xen"}, 64, "--vmm: got 'xen', wanted one of qemu, qemu-legacy, ec2, ec2-2025, gce"),
        snp({"--firmware-digest", "00"}, 64, "96 hexadecimal digits"), snp({"--cpu-sig", "0x800f12"}, 64, "excludes"),
        snp({"--initrd", readme}, 64, "--initrd requires --kernel"),
        snp({"--kernel", "/nowhere/vmlinuz"}, 1, "cannot read /nowhere/vmlinuz"),
        snp({"--kernel", readme}, 3, "README.md: kernel+0x0: got text, wanted a bzImage or an EFI program"),
        snp({"--kernel", "/proc/self/exe"}, 3,
            "/proc/self/exe: kernel+0x0: got an ELF file (vmlinux), wanted a bzImage"),
        snp({"--kernel", "/"}, 1, "cannot read /"),
        snp({"--svsm", readme, "--vmm", "ec2"}, 64, "--vmm excludes --svsm"),
        snp({"--vars-size", "4096"}, 64, "--vars-size requires --svsm"), snp({"--svsm", readme}, 3, "svsm: got"),
        snp({"--svsm", amdsev}, 3, "so it has no entry point"),
        Refusal{{"snp", "--firmware", amdsev}, 64, "--cpu: the CPU's signature is measured"},
        Refusal{{"snp", "--firmware", amdsev, "--cpu", "host"}, 64, "--cpu: got 'host', wanted one of EPYC,"},
        Refusal{{"snp", "--firmware", amdsev, "--cpu-sig", "0x100000000"}, 64, "--cpu-sig"},
        Refusal{{"snp", "--firmware", amdsev, "--cpu-family", "25"}, 64, "wanted all three"},
        Refusal{{"snp", "--cpu", "EPYC"}, 64, "--firmware is required"},
        Refusal{{"snp", "--firmware", readme, "--cpu", "EPYC"}, 3, "wanted whole 4096-byte pages"},
        Refusal{{"snp", "--firmware", plain, "--cpu", "EPYC", "--kernel", readme, "--any-kernel"}, 1, "ovmf-amdsev"},
        Refusal{{"sev-es", "--firmware", amdsev, "--cpu", "EPYC", "--vm-type", "init3"}, 64, "--vm-type: got 'init3'"},
        Refusal{{"sev-es", "--firmware", amdsev}, 64, "--cpu"},
        Refusal{{"sev", "--firmware", readme}, 3, "wanted whole 4096-byte pages"},
        Refusal{{"sev", "--firmware", amdsev, "--vcpus", "2"}, 64, "--vcpus"}));

TEST_F(MeasureSev, RefusesFirmwareOfMoreThan16MiB) {
  const Ran ran =
      run_command({"measure", "snp", "--firmware", file("large.fd", (std::size_t{16} << 20U) + 4096), "--cpu", "EPYC"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("16 MiB"));
}

TEST_F(MeasureSev, RefusesFirmwareWithoutAnyTable) {
  const Ran ran = run_command({"measure", "snp", "--firmware", file("zero.fd", 8192), "--cpu", "EPYC"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("firmware+0x1fd0: no GUID table"));
}

}  // namespace
}  // namespace cli
