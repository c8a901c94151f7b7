// room: measurement
#include "base/error.h"
#include "measurement/mrtd.h"
#include "measurement/td_hob.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    const std::vector<measurement::TdvfSection> sections = measurement::read_tdvf(bytes);
    std::uint64_t pages = 0;
    for (const measurement::TdvfSection& section : sections) pages += section.size / 4096;
    if (pages < 64) (void)measurement::mrtd(bytes, sections, measurement::PageOrder::two_pass);
    (void)measurement::td_hob(sections, base::MiB{2048});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
