// room: measurement
#include "base/error.h"
#include "measurement/snp_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)measurement::parse_snp_report({data, size});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
