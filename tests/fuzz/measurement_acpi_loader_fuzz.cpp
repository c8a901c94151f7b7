// room: measurement
#include <algorithm>

#include "base/error.h"
#include "measurement/acpi_loader.h"

// The first byte says how many commands of 128 bytes the loader script has; the rest is etc/acpi/tables. Without a
// script it is derived from the tables.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::Bytes bytes(data + 1, size - 1);
  const std::size_t script = std::min<std::size_t>(bytes.size(), data[0] * std::size_t{128});
  measurement::FwCfgFiles files{{std::string(measurement::acpi_tables_file), base::buffer_of(bytes.subspan(script))}};
  if (script != 0) files.emplace(measurement::table_loader_file, base::buffer_of(bytes.first(script)));
  try {
    measurement::complete_acpi_files(files);
    (void)measurement::acpi_download_order(files);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
