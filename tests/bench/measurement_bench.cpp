// Medians of library calls, one a line: "NAME MICROSECONDS". tests/bench/run compares them.
// usage: measurement_bench FIRMWARE
#include <iostream>

#include "base/crypto.h"
#include "base/posix_files.h"
#include "measurement/cpu_models.h"
#include "measurement/measure.h"
#include "measurement/mrtd.h"
#include "tests/bench/median.h"

namespace {

/// The firmware with every page made different, so that no page's hash is used twice.
base::Buffer without_repeats(base::Bytes firmware) {
  base::Buffer changed = base::buffer_of(firmware);
  const std::size_t tables = changed.size() - measurement::page_size;
  for (std::size_t at = 0; at < tables; at += measurement::page_size) {
    changed[at] ^= static_cast<std::uint8_t>(at >> 12U);
    changed[at + 1] ^= static_cast<std::uint8_t>(at >> 20U);
  }
  return changed;
}

void all_vcpu_counts(base::Bytes firmware) {
  measurement::SnpLaunches launches(measurement::firmware_launch_digest(firmware),
                                    measurement::read_sev_firmware(firmware));
  launches.digests({.cpuid_signature = 0xa00f11, .vcpus = 512});
}

/// 1000 tenants of two pools, each measured with eight vCPU counts as a plan does it: guest by guest.
void fleet(base::Bytes firmware, base::Bytes kernel) {
  measurement::BootImages images({firmware, kernel, std::nullopt});
  measurement::LaunchConfiguration launch;
  launch.tee = base::Tee::snp;
  launch.cpu_model = "EPYC-Milan";
  for (unsigned pool = 0; pool < 2000; ++pool) {
    launch.command_line = "console=ttyS0 pool=" + std::to_string(pool);
    for (launch.vcpus = 1; launch.vcpus <= 128; launch.vcpus *= 2) measurement::measure(launch, images);
  }
}

/// Every page added and extended: 6272 bytes of SHA-384 for each.
void mrtd_of_all_pages(base::Bytes firmware) {
  measurement::TdvfSection section;
  section.raw_size = firmware.size();
  section.size = firmware.size();
  section.address.value = (std::uint64_t{1} << 32U) - firmware.size();
  section.extended = true;
  measurement::mrtd(firmware, {section}, measurement::PageOrder::single_pass);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const base::MappedFile file(argv[1]);
  const base::Bytes firmware = file.bytes();
  const base::Buffer different = without_repeats(firmware);
  const base::Buffer kernel(std::size_t{12} << 20U, 0x90);
  bench::print_median("sha384", 101, [&] { base::sha384(firmware); });
  bench::print_median("snp-1-to-512", 101, [&] { all_vcpu_counts(firmware); });
  bench::print_median("snp-1-to-512-no-repeats", 101, [&] { all_vcpu_counts(different); });
  bench::print_median("fleet-16000", 5, [&] { fleet(firmware, kernel); });
  const base::Buffer operations(firmware.size() / measurement::page_size * 6272);
  bench::print_median("sha384-of-mrtd-bytes", 51, [&] { base::sha384(operations); });
  bench::print_median("mrtd", 51, [&] { mrtd_of_all_pages(firmware); });
}
