#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/acpi_loader.h"

// What QEMU's acpi_build() adds to its tables for the firmware: the commands that link them, and the RSDP.
namespace measurement {
namespace {

constexpr std::size_t table_header_size = 36, least_table_size = 64;
constexpr std::size_t checksum_offset = 9;
constexpr std::size_t tpm_log_size = 0x10000;
constexpr std::size_t loader_unit = 4096;

struct TableHeader {
  std::array<char, 4> signature;
  base::le32 length;
};
struct Allocate {
  base::le32 command;
  std::array<char, 56> file;
  base::le32 alignment;
  std::uint8_t zone;
  std::array<std::uint8_t, 63> zeros;
};
struct AddPointer {
  base::le32 command;
  std::array<char, 56> patched, target;
  base::le32 offset;
  std::uint8_t size;
  std::array<std::uint8_t, 7> zeros;
};
struct AddChecksum {
  base::le32 command;
  std::array<char, 56> file;
  base::le32 result, start, length;
  std::array<std::uint8_t, 56> zeros;
};
static_assert(sizeof(Allocate) == 128 && sizeof(AddPointer) == 128 && sizeof(AddChecksum) == 128);

struct Table {
  std::string signature;
  std::uint32_t offset = 0, length = 0;
};

std::vector<Table> tables_in(base::Bytes bytes) {
  std::vector<Table> tables;
  base::ByteReader reader(std::string(acpi_tables_file), bytes);
  while (reader.left() >= sizeof(TableHeader)) {
    const std::size_t offset = reader.offset();
    const auto header = reader.take<TableHeader>();
    const std::string signature(header.signature.data(), header.signature.size());
    if (signature == std::string(4, '\0')) break;
    const std::uint32_t length = header.length.value();
    if (length < table_header_size && signature != "FACS")
      reader.fail("table '" + signature + "' of " + std::to_string(length) + " bytes, wanted at least " +
                  std::to_string(table_header_size));
    if (signature == "FACS" && length < least_table_size) reader.fail("FACS of " + std::to_string(length) + " bytes");
    reader.skip(length - sizeof(TableHeader));
    tables.push_back({signature, static_cast<std::uint32_t>(offset), length});
  }
  return tables;
}

std::array<char, 56> file_name(std::string_view name) {
  std::array<char, 56> field{};
  std::copy(name.begin(), name.end(), field.begin());
  return field;
}

class LoaderWriter {
 public:
  void allocate(std::string_view file, std::uint32_t alignment, std::uint8_t zone) {
    base::append(commands_, base::layout_bytes(Allocate{1U, file_name(file), alignment, zone, {}}));
  }
  void add_pointer(std::string_view patched, std::uint32_t offset, std::uint8_t size,
                   std::string_view target = acpi_tables_file) {
    base::append(commands_,
                 base::layout_bytes(AddPointer{2U, file_name(patched), file_name(target), offset, size, {}}));
  }
  void add_checksum(std::string_view file, std::uint32_t result, std::uint32_t start, std::uint32_t length) {
    base::append(commands_, base::layout_bytes(AddChecksum{3U, file_name(file), result, start, length, {}}));
  }
  base::Buffer finish() && {
    commands_.resize((commands_.size() + loader_unit - 1) / loader_unit * loader_unit);
    return std::move(commands_);
  }

 private:
  base::Buffer commands_;
};

void need(const Table& table, std::uint32_t length) {
  if (table.length < length)
    throw base::Error(base::Kind::malformed, "etc/acpi/tables+" + base::hex_number(table.offset) + ": table '" +
                                                 table.signature + "' of " + std::to_string(table.length) +
                                                 " bytes, wanted at least " + std::to_string(length));
}

// The pointers in a table, then its checksum.
void link(LoaderWriter& writer, const Table& table) {
  static constexpr std::array known{"DSDT", "FACP", "APIC", "HPET", "SRAT", "SLIT", "HMAT",
                                    "TPM2", "MCFG", "DMAR", "WAET", "VIOT", "RSDT"};
  if (table.signature == "FACS") return;
  if (std::find(known.begin(), known.end(), table.signature) == known.end())
    throw base::Error(base::Kind::failure, "ACPI: no etc/table-loader, and the commands for a table '" +
                                               table.signature + "' are not known; wanted etc/table-loader as dumped");
  if (table.signature == "FACP") {
    need(table, 148);
    writer.add_pointer(acpi_tables_file, table.offset + 36, 4);   // FIRMWARE_CTRL
    writer.add_pointer(acpi_tables_file, table.offset + 40, 4);   // DSDT
    writer.add_pointer(acpi_tables_file, table.offset + 140, 8);  // X_DSDT
  }
  if (table.signature == "TPM2") {
    need(table, 76);
    writer.add_pointer(acpi_tables_file, table.offset + 68, 8, tpm_log_file);
  }
  if (table.signature == "RSDT")
    for (std::uint32_t entry = table_header_size; entry + 4 <= table.length; entry += 4)
      writer.add_pointer(acpi_tables_file, table.offset + entry, 4);
  writer.add_checksum(acpi_tables_file, table.offset + checksum_offset, table.offset, table.length);
}

bool has(const std::vector<Table>& tables, std::string_view signature) {
  return std::any_of(tables.begin(), tables.end(), [&](const Table& table) { return table.signature == signature; });
}

base::Buffer loader_for(const std::vector<Table>& tables) {
  LoaderWriter writer;
  writer.allocate(acpi_rsdp_file, 16, 2);
  if (has(tables, "TPM2")) writer.allocate(tpm_log_file, 1, 1);
  writer.allocate(acpi_tables_file, 64, 1);
  for (const Table& table : tables) link(writer, table);
  writer.add_pointer(acpi_rsdp_file, 16, 4);
  writer.add_checksum(acpi_rsdp_file, 8, 0, 20);
  return std::move(writer).finish();
}

base::Buffer rsdp_for(const std::vector<Table>& tables) {
  if (tables.empty() || tables.back().signature != "RSDT")
    throw base::Error(base::Kind::malformed, "etc/acpi/tables: the last table is " +
                                                 (tables.empty() ? "absent" : "'" + tables.back().signature + "'") +
                                                 ", wanted 'RSDT'");
  struct Rsdp {
    std::array<char, 8> signature{'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '};
    std::uint8_t checksum = 0;
    std::array<char, 6> oem{'B', 'O', 'C', 'H', 'S', ' '};
    std::uint8_t revision = 0;
    base::le32 rsdt;
  };
  static_assert(sizeof(Rsdp) == 20);
  Rsdp rsdp;
  rsdp.rsdt = tables.back().offset;
  return base::buffer_of(base::layout_bytes(rsdp));
}

}  // namespace

void complete_acpi_files(FwCfgFiles& files) {
  const auto tables = files.find(std::string(acpi_tables_file));
  if (tables == files.end()) return;
  const bool loader = files.contains(std::string(table_loader_file));
  const bool rsdp = files.contains(std::string(acpi_rsdp_file));
  if (!loader || !rsdp) {
    const std::vector<Table> found = tables_in(tables->second);
    base::Buffer made_rsdp = rsdp_for(found);
    if (!loader) files.emplace(table_loader_file, loader_for(found));
    if (!rsdp) files.emplace(acpi_rsdp_file, std::move(made_rsdp));
  }
  files.try_emplace(std::string(tpm_log_file), tpm_log_size);
}

}  // namespace measurement
