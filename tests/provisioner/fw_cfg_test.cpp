#include "provisioner/fw_cfg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "provisioner/qtest_protocol.h"
#include "tests/fakes/fake_fw_cfg_machine.h"

namespace {

using provisioner::FakeFwCfgMachine;
using provisioner::FwCfgFile;
using provisioner::FwCfgReader;
using provisioner::parse_fw_cfg_directory;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t scratch = 0x10000;

base::Buffer counted(std::size_t size) {
  base::Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

TEST(FwCfg, ReadsFilesLargerThanAPageThroughDma) {
  FakeFwCfgMachine machine;
  machine.offer({{"etc/acpi/tables", counted(10'000)}, {"etc/e820", counted(40)}, {"empty", {}}});
  FwCfgReader reader(machine, scratch);
  const provisioner::FwCfgFiles files = reader.read_files({"etc/acpi/tables", "empty", "absent"});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files.at("etc/acpi/tables"), counted(10'000));
  EXPECT_TRUE(files.at("empty").empty());
  EXPECT_GT(machine.dma_reads, 0U);
}

TEST(FwCfg, ReadsThePortsOfADeviceWithoutDma) {
  FakeFwCfgMachine machine;
  machine.dma = false;
  machine.offer({{"etc/e820", counted(300)}});
  FwCfgReader reader(machine, scratch);
  EXPECT_EQ(reader.read_files({"etc/e820"}).at("etc/e820"), counted(300));
  EXPECT_EQ(machine.dma_reads, 0U);
}

TEST(FwCfg, RefusesAMachineWithoutTheDevice) {
  FakeFwCfgMachine machine;
  machine.items[0] = {0xff, 0xff, 0xff, 0xff};
  EXPECT_THAT([&] { FwCfgReader(machine, scratch); },
              ThrowsMessage<base::Error>(HasSubstr("got signature ffffffff, wanted 'QEMU'")));
}

/// A directory of one file.
base::Buffer directory(const std::string& name, std::uint32_t size = 1, std::uint16_t selector = 0x20) {
  base::Buffer bytes = {0, 0, 0, 1};
  for (unsigned i = 4; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  bytes.insert(bytes.end(), {static_cast<std::uint8_t>(selector >> 8U), static_cast<std::uint8_t>(selector), 0, 0});
  base::append(bytes, base::bytes_of(name));
  bytes.resize(4 + 64);
  return bytes;
}

TEST(FwCfgDirectory, HasNameSelectorAndSize) {
  const std::vector<FwCfgFile> files = parse_fw_cfg_directory(directory("etc/table-loader", 4096, 0x2a));
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].name, "etc/table-loader");
  EXPECT_EQ(files[0].selector, 0x2a);
  EXPECT_EQ(files[0].size, 4096U);
}

TEST(FwCfgDirectory, RejectsWhatNoQemuSays) {
  base::Buffer twice = directory("bootorder");
  twice[3] = 2;
  const base::Buffer again(twice.begin() + 4, twice.end());
  base::append(twice, again);
  base::Buffer longer = directory("bootorder");
  longer.push_back(0);
  const struct {
    base::Buffer bytes;
    const char* says;
  } cases[] = {
      {{}, "fw_cfg directory+0x0"},
      {{0, 0, 0, 1}, "fw_cfg directory+0x4"},
      {{0xff, 0xff, 0xff, 0xff}, "4294967295 files"},
      {directory(""), "empty or not terminated"},
      {directory(std::string(56, 'a')), "empty or not terminated"},
      {directory("etc/\x01tables"), "not printable"},
      {directory("huge", 0x1000001), "huge has 16777217 bytes"},
      {directory("low", 1, 0x1f), "low has selector 0x1f"},
      {directory("high", 1, 0x4000), "high has selector 0x4000"},
      {twice, "bootorder occurs twice"},
      {longer, "0x44"},
  };
  for (const auto& wrong : cases) {
    EXPECT_THAT([&] { parse_fw_cfg_directory(wrong.bytes); }, ThrowsMessage<base::Error>(HasSubstr(wrong.says)));
  }
}

TEST(Qtest, CommandsAreLinesOfItsProtocol) {
  using namespace provisioner;
  EXPECT_EQ(qtest::out_command(PortWidth::dword, 0xcf8, 0x80000060), "outl 0xcf8 0x80000060");
  EXPECT_EQ(qtest::out_command(PortWidth::byte, 0xcfc, 0x80), "outb 0xcfc 0x80");
  EXPECT_EQ(qtest::in_command(PortWidth::word, 0x510), "inw 0x510");
  EXPECT_EQ(qtest::write_command(0x1000, base::Buffer{1, 0xab}), "write 0x1000 0x2 0x01ab");
  EXPECT_EQ(qtest::read_command(0x10000, 4096), "read 0x10000 0x1000");
  EXPECT_EQ(qtest::store_command(0xfed40040, 1), "writel 0xfed40040 0x1");
}

TEST(Qtest, AnswersAreNumbersOrBytes) {
  using namespace provisioner;
  EXPECT_EQ(qtest::number_of("OK 0x29c08086"), 0x29c08086U);
  EXPECT_EQ(qtest::number_of("OK 0x00000000ffffffff"), 0xffffffffU);
  EXPECT_EQ(qtest::bytes_of("OK 0x52534420", 4), base::buffer_of(base::bytes_of("RSD ")));
  EXPECT_TRUE(qtest::is_notice("IRQ raise 4"));
  EXPECT_EQ(qtest::answer_of("OK"), "");
}

TEST(Qtest, RejectsAnswersOfAnotherKind) {
  using provisioner::qtest::answer_of;
  using provisioner::qtest::bytes_of;
  using provisioner::qtest::number_of;
  for (const char* line : {"", "FAIL Unknown command 'x'", "OKAY", "ok"})
    EXPECT_THROW(answer_of(line), base::Error) << line;
  for (const char* line : {"OK", "OK 12", "OK 0x", "OK 0xzz", "OK 0x1 2", "OK 0x10000000000000000"})
    EXPECT_THROW(number_of(line), base::Error) << line;
  for (const char* line : {"OK", "OK 0x1", "OK 0x0102", "OK 0x010203 ", "OK 01020304"})
    EXPECT_THROW(bytes_of(line, 3), base::Error) << line;
}

}  // namespace
