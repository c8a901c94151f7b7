#include "cli/measurements.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "provisioner/qemu_tables.h"
#include "provisioner/resources.h"

namespace cli {
namespace {

using measurement::LaunchConfiguration;
using measurement::MrConfigId;
using measurement::SnpReferenceValues;
using measurement::TdxReferenceValues;

/// @throws Error saying why the firmware starts no TD
void refuse_other_firmware(measurement::BootImages& images) {
  try {
    (void)images.tdvf_sections();
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), std::string("tee tdx: the firmware starts no TDX guest: ") + error.what());
  }
}

/// Firmware from 202505 on measures SMBIOS with the processor id, which emulation cannot tell of the host.
void refuse_unknown_processor(const LaunchConfiguration& launch, measurement::BootImages& images) {
  const bool of_the_host = launch.cpu_model == "host" || launch.cpu_model == "max";
  if (!of_the_host || launch.processor_id) return;
  if (images.firmware_profile().generation < measurement::FirmwareGeneration::from_202505) return;
  throw base::Error(base::Kind::failure, "tee tdx: cpu '" + launch.cpu_model +
                                             "': RTMR0 covers the processor id of the host, which is not known; name "
                                             "it in the site file (processorId)");
}

}  // namespace

GuestMeasurements::GuestMeasurements(BootFiles files, const measurement::FileHashes& hashes, std::string qemu)
    : files_(std::move(files)), images_(files_.bytes()), qemu_(std::move(qemu)) {
  images_.set_file_hashes(hashes);
}

const GuestMeasurements::MeasuredTd& GuestMeasurements::measured_td(const LaunchConfiguration& launch,
                                                                    const provisioner::GuestDevices& devices) {
  const auto same = [&](const MeasuredTd& td) { return td.launch == launch && td.devices == devices; };
  const auto found = std::find_if(tds_.begin(), tds_.end(), same);
  if (found != tds_.end()) return *found;
  refuse_other_firmware(images_);
  refuse_unknown_processor(launch, images_);
  provisioner::QemuTables tables =
      cached_qemu_tables(tables_request(qemu_, shape_of(launch, devices)), provisioner::default_cache_directory());
  LaunchConfiguration told = launch;
  told.hypervisor = tables.version;
  images_.set_fw_cfg_files(std::move(tables.files));
  tds_.push_back({launch, devices, tables.version, std::get<TdxReferenceValues>(measure(told, images_))});
  images_.set_fw_cfg_files({});  // they are of this machine only
  return tds_.back();
}

TdxReferenceValues GuestMeasurements::td_values(provisioner::GuestIntent& guest, const GuestSettings& settings) {
  const MeasuredTd& td = measured_td(*guest.launch, devices_of(guest, settings.root_image));
  guest.launch->hypervisor = td.hypervisor;
  TdxReferenceValues values = td.values;
  values.mr_config_id = MrConfigId{base::sha384(base::bytes_of(guest.initdata)).bytes};
  return values;
}

SnpReferenceValues GuestMeasurements::snp_values(const provisioner::GuestIntent& guest, const GuestSettings& settings) {
  SnpReferenceValues values = std::get<SnpReferenceValues>(measure(*guest.launch, images_));
  values.host_data = guest.initdata_sha256;
  values.guest_svn = settings.guest_svn;
  values.identity = settings.identity;
  return values;
}

base::Json GuestMeasurements::reference_values(provisioner::GuestIntent& guest, const GuestSettings& settings) {
  switch (guest.launch->tee) {
    case base::Tee::snp:
      return reference_values_json(snp_values(guest, settings));
    case base::Tee::tdx:
      return reference_values_json(td_values(guest, settings));
    case base::Tee::emulated:
      break;
  }
  return reference_values_json(measure(*guest.launch, images_));
}

}  // namespace cli
