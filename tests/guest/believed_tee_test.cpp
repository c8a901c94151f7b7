#include "guest/believed_tee.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace guest {
namespace {

using base::Tee;
using testing::HasSubstr;

const std::string plain = "console=ttyS0 root=/dev/vda ro",
                  naming = plain + " bulkhead.initdata=sha256:" + std::string(64, 'a');

TEST(BelievedTee, IsWhatProcessorAndMeasuredCommandLineAgreeOn) {
  EXPECT_EQ(believed_tee(Tee::snp, plain), Tee::snp);
  EXPECT_EQ(believed_tee(Tee::tdx, plain), Tee::tdx);
  EXPECT_EQ(believed_tee(std::nullopt, naming), Tee::emulated);
}

TEST(BelievedTee, IsNeverTheEmulatedOneForAGuestLaunchedOnHardware) {
  const struct {
    std::optional<Tee> processor;
    std::string command_line, why;
  } cases[] = {
      {std::nullopt, plain, "the kernel command line has no word bulkhead.initdata, and the processor runs neither"},
      {std::nullopt, "", "the kernel command line has no word bulkhead.initdata"},
      {Tee::snp, naming, "as only an emulated guest's has, and this machine is a confidential one (snp)"},
      {Tee::tdx, naming, "as only an emulated guest's has, and this machine is a confidential one (tdx)"},
      {Tee::snp, plain + " bulkhead.initdata", "the kernel command line has the word bulkhead.initdata"},
  };
  for (const auto& c : cases) {
    try {
      believed_tee(c.processor, c.command_line);
      ADD_FAILURE() << c.command_line;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::not_attested);
      EXPECT_THAT(error.what(), HasSubstr(c.why));
    }
  }
}

class ConfidentialProcessor : public testing::Test {
 protected:
  void add(const std::string& path, const std::string& content = "") {
    const auto file = std::filesystem::path(folder.path()) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  [[nodiscard]] std::optional<Tee> seen() const { return confidential_processor(folder.path()); }
  tests::TemporaryFolder folder;
};

TEST_F(ConfidentialProcessor, IsToldByTheKernelAndNotByDevicesOfTheHost) {
  EXPECT_EQ(seen(), std::nullopt);
  add("dev/tpm0");
  add("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sev sev_snp tdx_host_platform hypervisor\nbugs: tdx_guest\n");
  EXPECT_EQ(seen(), std::nullopt) << "a host's flags are no guest's";
  add("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu tdx_guest\n");
  EXPECT_EQ(seen(), Tee::tdx);
  add("sys/devices/system/cpu/sev/vmpl", "0\n");
  EXPECT_EQ(seen(), Tee::snp);
}

TEST_F(ConfidentialProcessor, IsToldByItsDriversDeviceInOlderKernels) {
  add("dev/tdx_guest");
  EXPECT_EQ(seen(), Tee::tdx);
  add("dev/sev-guest");
  EXPECT_EQ(seen(), Tee::snp);
}

}  // namespace
}  // namespace guest
