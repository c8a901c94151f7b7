// room: measurement
#include <numeric>

#include "base/error.h"
#include "measurement/sev.h"
#include "measurement/snp.h"
#include "measurement/svsm.h"

namespace {

using namespace measurement;

template <typename Call>
void unless_refused(Call call) {
  try {
    call();
  } catch (const base::Error&) {
    return;
  }
}

/// A launch takes as long as its sections are large, which says nothing about the parsers.
bool is_small(const SevFirmware& firmware) {
  const auto bytes = [](std::uint64_t sum, const SevSection& section) { return sum + section.size; };
  return std::accumulate(firmware.sections.begin(), firmware.sections.end(), std::uint64_t{0}, bytes) <= (1U << 20U);
}

void launch_snp(base::Bytes firmware) {
  const SevFirmware parsed = read_sev_firmware(firmware);
  if (!is_small(parsed)) return;
  for (const VmmProfile& profile : vmm_profiles()) {
    SnpLaunches launches({}, parsed, profile);
    unless_refused([&] { launches.digests({.kernel = KernelHashes{}, .vcpus = 2}); });
    unless_refused([&] { launches.digests({.vcpus = 1}); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  unless_refused([&] { launch_snp(bytes); });
  unless_refused([&] { sev_launch_digest(bytes, KernelHashes{}); });
  unless_refused([&] { sev_es_launch_digests({bytes, KernelHashes{}, 0xa00f11, 0, SevEsVmType::init2, 2}); });
  const base::Buffer firmware(page_size);
  unless_refused([&] {
    if (is_small(read_sev_firmware(bytes))) svsm_launch_digests({firmware, page_size, bytes, 0xa00f11, 2});
  });
  return 0;
}
