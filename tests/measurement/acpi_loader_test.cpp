#include "measurement/acpi_loader.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "tests/measurement/tdvf_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::put;
using testing_files::read;
using testing_files::vectors;

void put_text(base::Buffer& to, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), to.begin() + static_cast<std::ptrdiff_t>(at));
}

// RSDP and tables allocated; one pointer, one checksum and one pointer back into the hypervisor's "etc/addr".
FwCfgFiles small_files() {
  base::Buffer script(4096);
  const auto command = [&script](std::size_t index, std::uint32_t kind, std::string_view file) {
    put(script, index * 128, kind, 4);
    put_text(script, index * 128 + 4, file);
    return index * 128;
  };
  std::size_t at = command(0, 1, acpi_rsdp_file);
  put(script, at + 60, 16, 4);
  put(script, at + 64, 2, 1);
  at = command(1, 1, acpi_tables_file);
  put(script, at + 60, 64, 4);
  put(script, at + 64, 1, 1);
  at = command(2, 2, acpi_rsdp_file);
  put_text(script, at + 60, acpi_tables_file);
  put(script, at + 116, 16, 4);
  put(script, at + 120, 4, 1);
  at = command(3, 3, acpi_tables_file);
  put(script, at + 60, 9, 4);
  put(script, at + 68, 256, 4);
  at = command(4, 4, "etc/addr");
  put_text(script, at + 60, acpi_tables_file);
  put(script, at + 120, 40, 4);
  put(script, at + 124, 8, 1);
  return {{std::string(table_loader_file), script},
          {std::string(acpi_rsdp_file), base::Buffer(20)},
          {std::string(acpi_tables_file), base::Buffer(256)}};
}

TEST(AcpiLoader, DownloadsFilesInTheOrderTheyAreAllocated) {
  EXPECT_THAT(acpi_download_order(small_files()), ElementsAre(acpi_rsdp_file, acpi_tables_file));
}

TEST(AcpiLoader, NamesTheFileThatIsMissing) {
  FwCfgFiles files = small_files();
  files.erase(std::string(acpi_rsdp_file));
  EXPECT_THAT([&] { acpi_download_order(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("no etc/acpi/rsdp, which etc/table-loader names")));
  files.erase(std::string(table_loader_file));
  EXPECT_THAT([&] { acpi_download_order(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("no etc/table-loader among the files")));
}

struct Damage {
  std::size_t at;
  std::uint64_t value;
  std::size_t size;
  const char* message;
};
class DamagedAcpiLoader : public testing::TestWithParam<Damage> {};

TEST_P(DamagedAcpiLoader, IsRefusedWithItsPlace) {
  FwCfgFiles files = small_files();
  put(files.at(std::string(table_loader_file)), GetParam().at, GetParam().value, GetParam().size);
  EXPECT_THAT([&] { acpi_download_order(files); },
              testing::ThrowsMessage<base::Error>(
                  testing::AllOf(HasSubstr("etc/table-loader+0x"), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Field, DamagedAcpiLoader,
    testing::Values(Damage{0, 5, 4, "command is not 1 to 4"}, Damage{0, 0, 4, "command is not 1 to 4"},
                    Damage{4, 0, 1, "file name is empty"}, Damage{60, 0, 4, "alignment 0x0"},
                    Damage{60, 24, 4, "alignment 0x18, wanted a power of two"}, Damage{64, 3, 1, "zone 3"},
                    Damage{256 + 4, 'x', 1, "file 'xtc/acpi/rsdp' is used but"},
                    Damage{256 + 60, 'x', 1, "file 'xtc/acpi/tables' is used but not allocated"},
                    Damage{256 + 116, 17, 4, "0x11 + 4 bytes is outside 'etc/acpi/rsdp' of 0x14"},
                    Damage{256 + 116, 0xffffffff, 4, "outside 'etc/acpi/rsdp'"},
                    Damage{256 + 120, 3, 1, "pointer of 3 bytes"},
                    Damage{384 + 60, 256, 4, "0x100 + 1 bytes is outside"},
                    Damage{384 + 64, 1, 4, "0x1 + 256 bytes is outside"},
                    Damage{384 + 68, 0xffffffff, 4, "outside 'etc/acpi/tables'"},
                    Damage{512 + 120, 257, 4, "0x101 + 0 bytes is outside"}, Damage{512 + 124, 16, 1, "pointer of 16"},
                    Damage{4000, 1, 1, "command is not 1 to 4"}));

TEST(AcpiLoader, RefusesAFileAllocatedTwiceAndBrokenSizes) {
  FwCfgFiles files = small_files();
  base::Buffer& script = files.at(std::string(table_loader_file));
  put_text(script, 128 + 4, std::string("etc/acpi/rsdp\0\0", 15));
  EXPECT_THAT([&] { acpi_download_order(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("'etc/acpi/rsdp' is allocated twice")));
  script.resize(4095);
  EXPECT_THAT([&] { acpi_download_order(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("4095 bytes, wanted commands of 128 bytes")));
}

// What QEMU 10.0 and 11.1 really made, with and without a TPM and bridges.
class HarvestedAcpi : public testing::TestWithParam<const char*> {
 protected:
  static FwCfgFiles files() {
    const auto folder = vectors() / "tdx" / GetParam();
    const auto either = [&folder](const char* one, const char* other) {
      const base::Buffer bytes = read(folder / one);
      return bytes.empty() ? read(folder / other) : bytes;
    };
    return {{std::string(table_loader_file), either("table-loader.bin", "table_loader.bin")},
            {std::string(acpi_rsdp_file), either("acpi_rsdp.bin", "rsdp.bin")},
            {std::string(acpi_tables_file), read(folder / "acpi_tables.bin")}};
  }
};

TEST_P(HarvestedAcpi, CommandsAndRsdpFollowFromTheTables) {
  const FwCfgFiles whole = files();
  if (whole.at(std::string(acpi_tables_file)).empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  FwCfgFiles derived{{std::string(acpi_tables_file), whole.at(std::string(acpi_tables_file))}};
  complete_acpi_files(derived);
  EXPECT_EQ(derived.at(std::string(table_loader_file)), whole.at(std::string(table_loader_file)));
  EXPECT_EQ(derived.at(std::string(acpi_rsdp_file)), whole.at(std::string(acpi_rsdp_file)));
  EXPECT_THAT(acpi_download_order(derived), testing::Contains(acpi_tables_file));
}

INSTANTIATE_TEST_SUITE_P(All, HarvestedAcpi,
                         testing::Values("acpi-qtest/q10.0.2-1cpu-1nic", "acpi-qtest/q11.1.2-1cpu-1nic",
                                         "acpi-qtest/q11.1.2-64cpu", "swtpm/d-612-ovmf2608", "swtpm/g-dev",
                                         "swtpm/u257"));

TEST(AcpiTables, WithoutCommandsMustBeOnesWhoseCommandsAreKnown) {
  base::Buffer tables(256);
  put_text(tables, 0, "SSDT");
  put(tables, 4, 64, 4);
  put_text(tables, 64, "RSDT");
  put(tables, 68, 36, 4);
  FwCfgFiles files{{std::string(acpi_tables_file), tables}};
  EXPECT_THAT([&] { complete_acpi_files(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("commands for a table 'SSDT' are not known")));
  put_text(files.at(std::string(acpi_tables_file)), 64, "DSDT");
  EXPECT_THAT([&] { complete_acpi_files(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("the last table is 'DSDT', wanted 'RSDT'")));
  put(files.at(std::string(acpi_tables_file)), 4, 1000, 4);
  EXPECT_THAT([&] { complete_acpi_files(files); }, testing::ThrowsMessage<base::Error>(HasSubstr("needs 992 bytes")));
  put(files.at(std::string(acpi_tables_file)), 4, 35, 4);
  EXPECT_THAT([&] { complete_acpi_files(files); },
              testing::ThrowsMessage<base::Error>(HasSubstr("'SSDT' of 35 bytes, wanted at least 36")));
}

}  // namespace
}  // namespace measurement
