// room: measurement
#include "base/error.h"
#include "measurement/linux_kernel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    (void)measurement::patched_kernel(
        bytes, measurement::setup_header_patch(bytes, {size % 5000, {size % 4096}, "console=ttyS0 vga=0x317"}));
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
