#include "provisioner/domain_xml.h"

#include "base/encoding.h"
#include "base/error.h"
#include "provisioner/xml_element.h"

namespace provisioner {
namespace {

using base::Tee;
using base::xml_escaped;

LaunchSecurity launch_security_of(const DomainInputs& inputs) {
  LaunchSecurity security = inputs.security;
  security.tee = inputs.launch.tee;
  security.snp_policy = inputs.launch.snp_policy;
  return security;
}

/// Memory, CPU count and what is booted: all from the launch configuration.
std::string boot(const measurement::LaunchConfiguration& launch) {
  const std::string memory = std::to_string(launch.memory.count);
  const char* const loader = launch.tee == Tee::emulated ? "<loader readonly='yes' type='pflash' stateless='yes'>"
                                                         : "<loader readonly='yes' type='rom' stateless='yes'>";
  std::string xml =
      "  <memory unit='MiB'>" + memory + "</memory>\n  <currentMemory unit='MiB'>" + memory + "</currentMemory>\n";
  if (launch.tee != Tee::emulated)
    xml += "  <memoryBacking>\n    <source type='memfd'/>\n    <access mode='shared'/>\n  </memoryBacking>\n";
  xml += "  <vcpu placement='static'>" + std::to_string(launch.vcpus) + "</vcpu>\n  <os>\n" +
         "    <type arch='x86_64' machine='" + xml_escaped(launch.machine) + "'>hvm</type>\n    " + loader +
         xml_escaped(launch.firmware.path) + "</loader>\n    " + element("kernel", launch.kernel.path) + "\n";
  if (launch.initrd) xml += "    " + element("initrd", launch.initrd->path) + "\n";
  return xml + "    " + element("cmdline", launch.command_line) + "\n  </os>\n";
}

/// "host" and "max" are QEMU's names for models that libvirt calls modes.
std::string cpu(const measurement::LaunchConfiguration& launch) {
  const std::string topology =
      "<topology sockets='1' dies='1' cores='" + std::to_string(launch.vcpus) + "' threads='1'/>";
  if (launch.cpu_model == "host")
    return "  <cpu mode='host-passthrough' check='none' migratable='off'>" + topology + "</cpu>\n";
  if (launch.cpu_model == "max") return "  <cpu mode='maximum' check='none'>" + topology + "</cpu>\n";
  return "  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>" + xml_escaped(launch.cpu_model) +
         "</model>" + topology + "</cpu>\n";
}

/// SNP and TDX guests cannot be reset in place, so a reboot ends them; TDX wants a split irqchip and no PMU.
std::string platform(const measurement::LaunchConfiguration& launch) {
  const bool tdx = launch.tee == Tee::tdx;
  return std::string("  <features>\n    <acpi/>\n    <apic/>\n    <vmport state='off'/>\n    <smm state='off'/>\n") +
         (tdx ? "    <ioapic driver='qemu'/>\n    <pmu state='off'/>\n" : "") + "  </features>\n" + cpu(launch) +
         "  <clock offset='utc'>" + (launch.tee == Tee::emulated ? "" : "<timer name='hpet' present='no'/>") +
         "</clock>\n  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>" +
         (launch.tee == Tee::emulated ? "restart" : "destroy") +
         "</on_reboot>\n  <on_crash>destroy</on_crash>\n"
         "  <pm>\n    <suspend-to-mem enabled='no'/>\n    <suspend-to-disk enabled='no'/>\n  </pm>\n";
}

/// Confidential guests share only bounce buffers with the host, so their virtio devices use the IOMMU API.
const char* iommu(const DomainInputs& inputs) {
  return inputs.launch.tee == Tee::emulated ? "" : " iommu='on'";
}

std::string disk(const DomainInputs& inputs, const DomainDisk& disk, std::size_t number) {
  const std::string target = "vd" + std::string(1, static_cast<char>('a' + number));
  return "    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw'" + std::string(iommu(inputs)) +
         "/>\n      <source file='" + xml_escaped(disk.path) + "'/>\n      <target dev='" + target +
         "' bus='virtio'/>\n" + (disk.read_only ? "      <readonly/>\n" : "") + "      " +
         element("serial", disk.serial) + "\n    </disk>\n";
}

std::string network_interface(const DomainInputs& inputs) {
  const std::string driver =
      inputs.launch.tee == Tee::emulated ? "" : "      <driver" + std::string(iommu(inputs)) + "/>\n";
  return "    <interface type='network'>\n      <mac address='" + xml_escaped(inputs.mac) +
         "'/>\n      <source network='" + xml_escaped(inputs.network) + "'/>\n      <target dev='" +
         xml_escaped(inputs.port) + "'/>\n      <model type='virtio'/>\n" + driver +
         "      <port isolated='yes'/>\n      <rom enabled='no'/>\n    </interface>\n";
}

std::string console(const std::string& log) {
  return "    <serial type='pty'>\n      <log file='" + xml_escaped(log) +
         "' append='on'/>\n      <target type='isa-serial' port='0'><model name='isa-serial'/></target>\n"
         "    </serial>\n    <console type='pty'><target type='serial' port='0'/></console>\n";
}

std::string devices(const DomainInputs& inputs) {
  if (inputs.disks.size() > 26) throw base::Error(base::Kind::failure, inputs.name + ": more than 26 disks");
  std::string xml = "  <devices>\n";
  for (std::size_t i = 0; i < inputs.disks.size(); ++i) xml += disk(inputs, inputs.disks[i], i);
  xml += "    <controller type='usb' model='none'/>\n" + network_interface(inputs) + console(inputs.console_log);
  if (inputs.launch.tee == Tee::emulated)
    xml +=
        "    <tpm model='tpm-crb'>\n      <backend type='emulator' version='2.0'>\n"
        "        <active_pcr_banks><sha256/><sha384/></active_pcr_banks>\n      </backend>\n    </tpm>\n";
  const std::string driver = inputs.launch.tee == Tee::emulated ? "" : "<driver" + std::string(iommu(inputs)) + "/>";
  return xml + "    <rng model='virtio'><backend model='builtin'/>" + driver +
         "</rng>\n    <memballoon model='none'/>\n  </devices>\n";
}

constexpr std::string_view service_at = "attestation service of its owner: ";

std::string description(const DomainInputs& inputs) {
  if (inputs.owners_service.empty()) return {};
  return "  " + element("description", std::string(service_at) + inputs.owners_service) + "\n";
}

}  // namespace

std::string owners_service_in(const std::string& xml) {
  const std::string opening = "<description>" + std::string(service_at);
  const std::size_t start = xml.find(opening);
  if (start == std::string::npos) return {};
  const std::size_t url = start + opening.size();
  return xml.substr(url, xml.find('<', url) - url);
}

std::string domain_xml(const DomainInputs& inputs) {
  const char* const type = inputs.accelerator == Accelerator::kvm ? "kvm" : "qemu";
  return "<domain type='" + std::string(type) + "'>\n  " + element("name", inputs.name) + "\n  " +
         element("uuid", inputs.uuid) + "\n  " + element("title", inputs.title) + "\n" + description(inputs) +
         boot(inputs.launch) + platform(inputs.launch) + devices(inputs) +
         launch_security_xml(launch_security_of(inputs), inputs.name) + "</domain>\n";
}

}  // namespace provisioner
