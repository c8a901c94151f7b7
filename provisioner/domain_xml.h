#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "measurement/launch_configuration.h"
#include "provisioner/launch_security_xml.h"

namespace provisioner {

/// Who executes the guest's instructions. SNP and TDX guests need KVM; `tcg` is emulation and runs anywhere.
enum class Accelerator { kvm, tcg };

/// One virtio disk, always a raw file: formats are never probed.
struct DomainDisk {
  std::string path;
  std::string serial;  ///< at most 20 characters of [A-Za-z0-9_.+-]; the guest finds its disks by it
  bool read_only = false;
};

/// Everything a domain's XML is made from. What the launch measurement depends on comes from `launch` alone.
struct DomainInputs {
  measurement::LaunchConfiguration launch;
  std::string name;  ///< "bh-acme-worker-0"
  std::string uuid;
  std::string title;    ///< for people: "acme worker/0"
  std::string network;  ///< name of the libvirt network of its pool
  std::string mac;      ///< "52:54:00:.."
  std::string port;     ///< the host's end of its network card, which filters know it by
  std::vector<DomainDisk> disks;
  std::string console_log;  ///< file that gets what the guest writes to its serial port
  Accelerator accelerator = Accelerator::kvm;
  /// What the hardware is told of the guest besides; its TEE and SNP policy are those of `launch`.
  LaunchSecurity security{};
  /// URL of the attestation service that it reports to, when that is its owner's; a person reads it, and the verbs that
  /// would else ask a service on this host. "": that one
  std::string owners_service{};
};

/// The libvirt domain of one guest, without metadata. Devices are listed one by one and nothing is left to defaults
/// that QEMU could change: no option ROM, USB, graphics, balloon or guest agent; an isolated bridge port; a serial
/// console. Firmware is stateless everywhere: mapped from pflash for `emulated`, given with -bios for SNP and TDX.
/// Source: libvirt formatdomain; provisioning of SNP and TDX guests as QEMU 9.1 and 10.1 document it.
/// @throws Error{failure} when HOST_DATA or an ID block has another size than the TEE wants, or the inputs contradict
std::string domain_xml(const DomainInputs& inputs);
/// `owners_service` of a definition as libvirt returns it; "" when there is none.
std::string owners_service_in(const std::string& xml);

}  // namespace provisioner
