#include "cli/measurements.h"

#include "measurement/measure.h"

namespace cli {

GuestMeasurements::GuestMeasurements(BootFiles files, const measurement::FileHashes& hashes)
    : files_(std::move(files)), images_(files_.bytes()) {
  images_.set_file_hashes(hashes);
}

base::Json GuestMeasurements::reference_values(const provisioner::GuestIntent& guest, unsigned guest_svn) {
  // TDX needs ACPI tables and a hand-off block that only a host with it can make; apply refuses such a plan.
  if (guest.launch->tee == base::Tee::tdx) return {};
  measurement::Measurement measured = measurement::measure(*guest.launch, images_);
  if (auto* const snp = std::get_if<measurement::SnpReferenceValues>(&measured)) {
    snp->host_data = guest.initdata_sha256;
    snp->guest_svn = guest_svn;
  }
  return measurement::reference_values_json(measured);
}

}  // namespace cli
