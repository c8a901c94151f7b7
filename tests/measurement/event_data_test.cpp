#include "measurement/event_data.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "measurement/event_types.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

LogEvent event(std::uint32_t type, base::Buffer data) {
  LogEvent one;
  one.pcr = 1;
  one.type = type;
  one.sha384 = base::sha384(data);
  one.data = std::move(data);
  return one;
}

base::Buffer hex(const char* text) {
  return base::from_hex(text).value();
}

std::string data_of(const LogEvent& one) {
  return event_data_json(one).compact();
}

TEST(EventData, OfTextsIsTheText) {
  EXPECT_EQ(data_of(event(ev_efi_action, base::buffer_of(base::bytes_of("Exit Boot Services Invocation")))),
            R"({"text":"Exit Boot Services Invocation"})");
  base::Buffer wide = base::utf16le("console=ttyS0 quiet");
  wide.insert(wide.end(), 2, 0);
  EXPECT_EQ(data_of(event(0x0d, wide)), R"({"text":"console=ttyS0 quiet"})");
  EXPECT_EQ(data_of(event(ev_separator, {0, 0, 0, 0})), R"({"hex":"00000000"})");
}

// Boot0002 of a real boot from a virtio disk (shared vectors, tdx/swtpm/u257).
constexpr const char* boot_option =
    "61dfe48bca93d211aa0d00e098032b8c08000000000000004e0000000000000042006f006f007400300030003000320001000000160055"
    "0045004600490020004d006900730063002000440065007600690063006500000002010c00d041030a000000000101060000017fff0400"
    "4eac0881119f594d850ee21a522c59b2";

TEST(EventData, OfBootOptionsHasDescriptionAndDevicePath) {
  const LogEvent one = event(ev_efi_variable_boot, hex(boot_option));
  const base::Json json = event_data_json(one);
  EXPECT_EQ(json.at("name").text(), "Boot0002");
  EXPECT_EQ(json.at("option").at("description").text(), "UEFI Misc Device");
  EXPECT_EQ(json.at("option").at("path").text(), "PciRoot(0x0)/Pci(0x1,0x0)");
}

TEST(EventData, OfTaggedEventsHasTagAndText) {
  EXPECT_EQ(data_of(event(ev_event_tag, hex("ed223b8f1a0000004c4f414445445f494d4147453a3a4c6f61644f7074696f6e7300"))),
            R"({"tag":"0x8f3b22ed","text":"LOADED_IMAGE::LoadOptions"})");
}

TEST(EventData, ThatIsDamagedIsGivenInHexadecimal) {
  for (const std::uint32_t type : {ev_efi_variable_boot, ev_efi_variable_driver_config, ev_event_tag,
                                   ev_efi_boot_services_application, ev_efi_platform_firmware_blob2})
    EXPECT_EQ(data_of(event(type, {0xff, 1, 2})), R"({"hex":"ff0102"})") << type;
}

TEST(DataProof, HoldsWhereTheDataHasTheDigest) {
  LogEvent separator = event(ev_separator, {0, 0, 0, 0});
  EXPECT_EQ(data_proof(separator), DataProof::proven);
  separator.data[0] = 1;
  EXPECT_EQ(data_proof(separator), DataProof::contradicted);
  LogEvent option = event(ev_efi_variable_boot, hex(boot_option));
  option.sha384 = base::sha384(logged_variable(option.data).data);
  EXPECT_EQ(data_proof(option), DataProof::proven);
  EXPECT_EQ(data_proof(event(ev_efi_boot_services_application, {1})), DataProof::proven);
  LogEvent kernel = event(ev_efi_boot_services_application, {1});
  kernel.data = {2};
  EXPECT_EQ(data_proof(kernel), DataProof::opaque);
}

TEST(DataProof, IsNeverContradictedInRealLogs) {
  unsigned logs = 0;
  for (const char* name :
       {"ccel/trustee_CCEL_data_ovmf", "ccel/trustee_CCEL_data_grub", "ccel/trustee_CCEL_data_gcp",
        "ccel/goeventlog_CCEL_unpadded.data.bin", "ccel/gotdx_ccel_data.dat", "ccel/trustee_CCEL_AAEL_alibabacloud",
        "tdx/swtpm/u257/eventlog.bin", "tdx/swtpm/sboff/eventlog.bin", "tdx/swtpm/sb262/eventlog.bin"}) {
    const base::Buffer bytes = testing_files::read(testing_files::vectors() / name);
    if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    for (const LogEvent& one : parse_event_log(bytes).events)
      if (one.type != ev_no_action) {
        EXPECT_NE(data_proof(one), DataProof::contradicted) << name << " +" << one.offset << " " << data_of(one);
      }
    ++logs;
  }
  EXPECT_EQ(logs, 9U);
}

TEST(EventData, OfEveryRealLogIsText) {
  const base::Buffer bytes = testing_files::read(testing_files::vectors() / "tdx/swtpm/u257/eventlog.bin");
  if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  std::string all;
  for (const LogEvent& one : parse_event_log(bytes).events) all += data_of(one) + "\n";
  EXPECT_THAT(all, testing::HasSubstr(R"("path":"PciRoot(0x0)/Pci(0x1,0x0)/HD(1,GPT,)"));
  EXPECT_THAT(all, testing::HasSubstr(R"(/File(\\EFI\\BOOT\\BOOTX64.EFI))"));
}

}  // namespace
}  // namespace measurement
