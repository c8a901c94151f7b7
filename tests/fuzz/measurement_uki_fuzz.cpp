// room: measurement
#include "base/error.h"
#include "measurement/stub_initrd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    const measurement::Uki uki = measurement::read_uki(bytes);
    (void)measurement::uki_section_events(uki);
    (void)measurement::stub_initrd(uki);
    (void)measurement::kernel_version(uki.find(".linux")->data);
    if (const auto* line = uki.find(".cmdline"))
      (void)measurement::stub_command_line(base::text_of(line->data), uki.stub);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
