#include "guest/tsm_report.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "guest/linux_tsm_folder.h"
#include "tests/fakes/fake_tsm.h"
#include "tests/temporary_folder.h"

namespace guest {
namespace {

using fakes::TsmMachine;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TsmReporting : public testing::Test {
 protected:
  TsmReporting() {
    machine.auxblob = base::Buffer{7, 8};
    machine.make_report = [](base::Bytes inblob) {
      base::Buffer report{0xAA};
      base::append(report, inblob);
      return report;
    };
  }
  TsmReport report() { return fakes::reporter(machine, "sev_guest", &pauses).report(data); }
  std::string refusal(base::Kind kind) {
    try {
      report();
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "reported";
  }
  [[nodiscard]] base::Buffer right() const {
    base::Buffer wanted{0xAA};
    base::append(wanted, data);
    return wanted;
  }

  TsmMachine machine;
  base::Buffer data = base::Buffer(64, 0x11);
  std::vector<std::chrono::milliseconds::rep> pauses;
};

TEST_F(TsmReporting, GivesTheReportOverTheBytesAndWhatComesBesideItAndLeavesNoEntry) {
  const TsmReport made = report();
  EXPECT_EQ(made.report, right());
  EXPECT_EQ(made.auxiliary, (base::Buffer{7, 8}));
  EXPECT_EQ(machine.made, 1U);
  EXPECT_THAT(pauses, IsEmpty());
  EXPECT_THAT(machine.entries, IsEmpty());
}

TEST_F(TsmReporting, DoesWithoutWhatTheProviderDoesNotHave) {
  machine.auxblob.reset();
  EXPECT_THAT(report().auxiliary, IsEmpty());
}

TEST_F(TsmReporting, AsksAgainWithLongerPausesWhileTheKernelIsBusy) {
  machine.failures = {std::errc::device_or_resource_busy, std::errc::operation_would_block, std::errc::interrupted,
                      std::errc::timed_out};
  EXPECT_EQ(report().report, right());
  EXPECT_THAT(pauses, ElementsAre(100, 200, 400, 800));
}

TEST_F(TsmReporting, GivesUpAKernelThatStaysBusy) {
  machine.failures = std::deque<std::errc>(100, std::errc::device_or_resource_busy);
  EXPECT_EQ(refusal(base::Kind::host),
            "sev_guest reports: none in 8 attempts: cannot read outblob: Device or resource busy");
  EXPECT_THAT(pauses, ElementsAre(100, 200, 400, 800, 1600, 3000, 3000));
  EXPECT_THAT(machine.entries, IsEmpty());
}

TEST_F(TsmReporting, DoesNotAskAgainForWhatTheKernelCannotDo) {
  machine.failures = {std::errc::io_error};
  EXPECT_EQ(refusal(base::Kind::host), "sev_guest reports: cannot read outblob: Input/output error");
  EXPECT_THAT(pauses, IsEmpty());
  EXPECT_THAT(machine.entries, IsEmpty());
}

TEST_F(TsmReporting, NeverTakesAReportThatAnotherWritersBytesMayBeIn) {
  int others = 2;
  machine.before_outblob = [&](const std::string& entry) {
    if (others-- > 0) fakes::Tsm(machine).write(entry, "inblob", base::Buffer(64, 0xEE));
  };
  EXPECT_EQ(report().report, right());
  EXPECT_EQ(machine.made, 3U);
  EXPECT_THAT(pauses, ElementsAre(100, 200));
  others = 100;
  EXPECT_THAT(refusal(base::Kind::host), HasSubstr("generation went from 14 to 16, wanted one more"));
}

TEST_F(TsmReporting, NoticesThatTheKernelDroppedTheBytes) {
  data.resize(65);
  EXPECT_EQ(refusal(base::Kind::host), "sev_guest reports: cannot write inblob: File too large");
  data.resize(64);
  machine.before_outblob = [&](const std::string&) { machine.deaf = true; };
  machine.failures = {std::errc::device_or_resource_busy};
  EXPECT_THAT(refusal(base::Kind::host), HasSubstr("none in 8 attempts: generation went from 1 to 1"));
}

TEST_F(TsmReporting, TakesNoOtherProvidersReports) {
  machine.provider = "tdx_guest";
  EXPECT_EQ(refusal(base::Kind::not_attested), "the kernel's reports are of 'tdx_guest', wanted those of 'sev_guest'");
  EXPECT_EQ(machine.made, 0U);
  machine.provider.clear();
  EXPECT_EQ(refusal(base::Kind::host), "sev_guest reports: cannot make an entry: No such device or address");
}

// --- the folder of a kernel: ordinary files stand in for configfs ---

class LinuxTsmFolder : public testing::Test {
 protected:
  LinuxTsmFolder() { std::filesystem::create_directories(reports()); }
  [[nodiscard]] std::filesystem::path reports() const { return root / "tsm" / "report"; }
  tests::TemporaryFolder folder;
  std::filesystem::path root = std::filesystem::path(folder.path());
};

TEST_F(LinuxTsmFolder, MakesReadsWritesAndRemoves) {
  const auto tsm = open_tsm_folder(root);
  EXPECT_FALSE(tsm->make_entry("one"));
  EXPECT_EQ(tsm->make_entry("one"), std::errc::file_exists);
  const base::Buffer large(20'000, 0x5A);
  std::ofstream(reports() / "one" / "inblob");
  EXPECT_FALSE(tsm->write("one", "inblob", large));
  base::Buffer read;
  EXPECT_FALSE(tsm->read("one", "inblob", read));
  EXPECT_EQ(read, large);
  EXPECT_EQ(tsm->read("one", "outblob", read), std::errc::no_such_file_or_directory);
  EXPECT_EQ(tsm->write("one", "absent", large), std::errc::no_such_file_or_directory);
  std::filesystem::remove(reports() / "one" / "inblob");
  EXPECT_FALSE(tsm->remove_entry("one"));
  EXPECT_FALSE(std::filesystem::exists(reports() / "one"));
}

TEST_F(LinuxTsmFolder, StaysInReachWhereItsFileSystemMovesTo) {
  const auto tsm = open_tsm_folder(root);
  const std::filesystem::path moved = root / "moved";
  std::filesystem::rename(root / "tsm", moved);
  EXPECT_FALSE(tsm->make_entry("one"));
  EXPECT_TRUE(std::filesystem::exists(moved / "report" / "one"));
}

TEST_F(LinuxTsmFolder, SaysWhatAKernelWithoutOneLacks) {
  try {
    open_tsm_folder(root / "absent");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::host);
    EXPECT_THAT(error.what(), HasSubstr("No such file or directory; wanted a kernel from 6.7 on"));
  }
}

}  // namespace
}  // namespace guest
