#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/json.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/firmware_image.h"
#include "tests/measurement/pe_builder.h"
#include "tests/measurement/test_files.h"
#include "tests/provisioner/sample_plan.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::StartsWith;

/// The sample plan of tenant acme, a control guest with one vCPU and a worker with four, and the files of its image.
class ExplainPlan : public testing::Test {
 protected:
  ExplainPlan() {
    std::filesystem::create_directory(folder_.file("image"));
    firmware_ = file("image/OVMF.fd", base::text_of(measurement::firmware_image::firmware()));
    const std::string content(5000, 'k');
    kernel_ = file("image/vmlinuz", base::text_of(measurement::testing_pe::image({{".text", content}})));
    initrd_ = file("image/initrd", "070701 of an initrd");
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    const std::string path = folder_.file(name);
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static measurement::BootFile boot_file(provisioner::FileRole role, const std::string& path) {
    const base::Sha256 digest = base::sha256(measurement::testing_files::read(path));
    return {provisioner::ImageFile{role, digest}.stored_name(), digest};
  }
  /// Writes acme.plan.json for guests of a TEE.
  [[nodiscard]] std::string plan(base::Tee tee) const {
    using provisioner::FileRole;
    provisioner::Intent intent = sample::intent();
    intent.tee = tee;
    for (provisioner::GuestIntent& guest : intent.guests) {
      measurement::LaunchConfiguration& launch = guest.launch.value();
      launch.tee = tee;
      launch.vcpus = guest.id.pool == base::Pool::control ? 1 : 4;
      launch.cpu_model = tee == base::Tee::snp ? "EPYC-v4" : "host";
      launch.memory = base::MiB{2048};
      launch.firmware = boot_file(FileRole::firmware, firmware_);
      launch.kernel = boot_file(FileRole::kernel, kernel_);
      launch.initrd = boot_file(FileRole::initrd, initrd_);
      launch.machine = "pc-q35-10.2";
    }
    const auto made = provisioner::make_plan(intent, {"local", "qemu:///system", "/store"}, sample::resources(), {});
    return file("acme.plan.json", provisioner::plan_text(made));
  }
  /// The digest of the image with another number of vCPUs, as `measure snp` has it.
  [[nodiscard]] std::string digest(const std::string& vcpus) const {
    const Ran ran =
        run_command({"measure", "snp", "--firmware", firmware_, "--kernel", kernel_, "--initrd", initrd_, "--cmdline",
                     "console=ttyS0", "--cpu", "EPYC-v4", "--vcpus", vcpus, "--format", "hex"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out.substr(0, 96);
  }
  [[nodiscard]] std::string images() const { return folder_.file("image"); }

  tests::TemporaryFolder folder_;
  std::string firmware_, kernel_, initrd_;
};

TEST_F(ExplainPlan, SaysWhichGuestsDigestItIs) {
  const std::string path = plan(base::Tee::snp);
  for (const auto& [vcpus, guest] : {std::pair{"1", "acme/control"}, std::pair{"4", "acme/worker"}}) {
    const Ran ran = run_command({"explain", digest(vcpus), "--plan", path, "--images", images()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    // The control guest comes first, and another number of vCPUs is no change that is searched for.
    EXPECT_THAT(ran.out, StartsWith("matches acme/control"));
    const Ran one = run_command(
        {"explain", digest(vcpus), "--plan", path, "--images", images(), "--guest", std::string(guest).substr(5)});
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_THAT(one.out, StartsWith("matches " + std::string(guest) + ", as planned\n  launch digest, found after 1 "));
  }
}

TEST_F(ExplainPlan, IsFoundByItsTenant) {
  (void)plan(base::Tee::snp);
  const Ran ran = run_command({"explain", digest("2"), "--tenant", "acme", "--plans", folder_.path(), "--guest",
                               "worker/0", "--images", images(), "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "explanation");
  EXPECT_EQ(json.at("planned").text(), "acme/worker");
  EXPECT_EQ(json.at("changes"), Json(Json::Array{"2 vCPUs (planned 4)"}));
  EXPECT_EQ(json.at("launch").at("kernel").at("path").text(), images() + "/vmlinuz");
}

TEST_F(ExplainPlan, TriesTheOtherFilesInTheFolders) {
  const std::string path = plan(base::Tee::snp);
  const std::string planned = initrd_;
  initrd_ = file("image/initrd-old", "070701 of an older initrd");
  const Ran ran = run_command({"explain", digest("4"), "--plan", path, "--images", images(), "--guest", "worker"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("matches acme/worker with initrd " + initrd_ + " (planned: " + planned + ")\n"));
}

TEST_F(ExplainPlan, SaysWhoseInitdataAReportIsBoundTo) {
  std::ifstream in(std::string(BULKHEAD_TEST_DATA) + "/measurement/snp-reports/milan-v2.hex");
  std::string digits{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::erase(digits, '\n');
  constexpr std::size_t host_data = 0xc0;  // AMD 56860 revision 1.57, table 22
  const std::string path = plan(base::Tee::snp);
  const Ran foreign =
      run_command({"explain", "--report", file("report", digits), "--plan", path, "--images", images()});
  EXPECT_EQ(foreign.code, 5) << foreign.err;
  EXPECT_THAT(foreign.out, HasSubstr("report: HOST_DATA is "));
  EXPECT_THAT(foreign.out, HasSubstr("the initdata of no guest of acme"));
  digits.replace(2 * host_data, 64, sample::intent().guests.at(1).initdata_sha256.hex());
  const Ran ran = run_command({"explain", "--report", file("report", digits), "--plan", path, "--images", images()});
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("report: HOST_DATA is the initdata of acme/worker/0"));
}

TEST_F(ExplainPlan, WantsThePlansFilesAndGuests) {
  const std::string path = plan(base::Tee::snp);
  const std::string observed(96, '0');
  const Ran guest = run_command({"explain", observed, "--plan", path, "--images", images(), "--guest", "worker/7"});
  EXPECT_EQ(guest.code, 64);
  EXPECT_THAT(guest.err, HasSubstr("--guest: the plan has no guest 'worker/7'"));
  std::filesystem::remove(kernel_);
  const Ran files = run_command({"explain", observed, "--plan", path, "--images", images()});
  EXPECT_EQ(files.code, 1);
  EXPECT_THAT(files.err, HasSubstr("the plan's kernel with SHA-256"));
  const Ran kind = run_command({"explain", observed, "--plan", path, "--images", images(), "--as", "sev"});
  EXPECT_NE(kind.code, 0);
}

// A TD's quote: the planned launch that explains most is the one that is named.
TEST_F(ExplainPlan, NamesTheGuestAQuoteIsOf) {
  const auto tdx = measurement::testing_files::vectors() / "tdx";
  firmware_ = tdx / "firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd";
  if (!std::filesystem::exists(firmware_)) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  std::filesystem::copy_file(firmware_, images() + "/OVMF.tdx.fd");
  const Ran measured = run_command({"measure", "tdx", "--firmware", firmware_, "--kernel", kernel_, "--initrd", initrd_,
                                    "--cmdline", "console=ttyS0 ", "--memory", "2GiB", "--qemu-version", "10.2",
                                    "--acpi", tdx / "tdx-measure/canonical-defaults", "--json"});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const Json td = Json::parse(measured.out, "measurement");
  base::Buffer report(1024);  // Intel TDX Module ABI 1.5, TDREPORT_STRUCT and TDINFO_BASE
  report[0] = 0x81;
  report[512] = 1;  // ATTRIBUTES.DEBUG
  const auto put = [&report](std::size_t at, base::Bytes bytes) {
    std::copy(bytes.begin(), bytes.end(), report.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(528, base::from_hex(td.at("mrtd").text()).value());
  put(576, base::sha384(base::bytes_of(sample::intent().guests.at(1).initdata)).view());
  for (std::size_t i = 0; i < 3; ++i) put(720 + 48 * i, base::from_hex(td.at("rtmr").array().at(i).text()).value());
  const Ran ran =
      run_command({"explain", "--quote", file("tdreport", base::text_of(report)), "--plan", plan(base::Tee::tdx),
                   "--images", images(), "--acpi", tdx / "tdx-measure/canonical-defaults", "--guest", "worker"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "acme/worker\n"
            "  MRTD   as planned\n"
            "  RTMR0  as planned\n"
            "  RTMR1  as planned\n"
            "  RTMR2  a command line with a trailing blank (planned: without)\n"
            "  quote: the TD may be debugged: the host can read its memory\n"
            "  quote: SEPT_VE_DISABLE is clear: the host can inject #VE for any page\n"
            "  quote: MRCONFIGID is the initdata of acme/worker/0\n");
}

}  // namespace
}  // namespace cli
