// room: measurement
#include <algorithm>

#include "base/crc32.h"
#include "base/error.h"
#include "measurement/igvm_id_block.h"
#include "measurement/igvm_measurement.h"

namespace {

/// The file with a right checksum, so that a mutation is not stopped by it: of what `size` and header say, as far as it
/// is.
base::Buffer with_crc(base::Bytes bytes) {
  base::Buffer file = base::buffer_of(bytes);
  if (file.size() < 24) return file;
  const std::size_t variable = file[12] | static_cast<std::size_t>(file[13]) << 8U;
  for (int i = 20; i < 24; ++i) file[static_cast<std::size_t>(i)] = 0;
  const std::uint32_t crc = base::crc32(base::Bytes(file).first(std::min(file.size(), 24 + variable)));
  for (std::size_t i = 0; i < 4; ++i) file[20 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return file;
}

/// Whether measuring is quick enough to be worth an execution: at most 16 MiB are loaded.
bool small(const measurement::IgvmFile& file) {
  std::uint64_t total = 0;
  for (const measurement::IgvmDirective& directive : file.directives) {
    if (const auto* page = std::get_if<measurement::IgvmPageData>(&directive.content)) total += page->size;
    if (const auto* area = std::get_if<measurement::IgvmParameterInsert>(&directive.content)) total += area->size;
  }
  return total <= 16U << 20U;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Buffer bytes = with_crc({data, size});
  try {
    const measurement::IgvmFile file = measurement::parse_igvm(bytes);
    if (small(file)) (void)measurement::measure_igvm(file, {.vcpus = 2, .cpuid_signature = 0xa00f11});
    for (const measurement::IgvmPlatform& platform : file.platforms) (void)measurement::igvm_id_block(file, platform);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
