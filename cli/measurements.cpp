#include "cli/measurements.h"

#include "measurement/measure.h"

namespace cli {

GuestMeasurements::GuestMeasurements(BootFiles files, unsigned guest_svn)
    : files_(std::move(files)), images_(files_.bytes()), guest_svn_(guest_svn) {}

base::Json GuestMeasurements::reference_values(const provisioner::GuestIntent& guest) {
  // TDX needs ACPI tables and a hand-off block that only a host with it can make; apply refuses such a plan.
  if (guest.launch->tee == base::Tee::tdx) return {};
  measurement::Measurement measured = measurement::measure(*guest.launch, images_);
  if (auto* const snp = std::get_if<measurement::SnpReferenceValues>(&measured)) {
    snp->host_data = guest.initdata_sha256;
    snp->guest_svn = guest_svn_;
  }
  return measurement::reference_values_json(measured);
}

}  // namespace cli
