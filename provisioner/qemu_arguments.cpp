#include "provisioner/qemu_arguments.h"

#include "base/error.h"
#include "base/json.h"

namespace provisioner {
namespace {

using Arguments = std::vector<std::string>;

void add(Arguments& arguments, const std::string& option, const std::string& value) {
  arguments.push_back(option);
  arguments.push_back(value);
}

void add_platform(Arguments& arguments, const GuestShape& shape) {
  const bool tdx = shape.tee == base::Tee::tdx;
  // A TDX guest has neither PIC nor HPET: QEMU turns the first off itself, domain_xml() the second.
  add(arguments, "-machine",
      shape.machine + ",usb=off,vmport=off,smm=off,dump-guest-core=off" + (tdx ? ",hpet=off,pic=off" : ""));
  add(arguments, "-accel", "tcg");
  // Emulation has no host's processor; which one it is shows in SMBIOS only, as the processor id.
  add(arguments, "-cpu", shape.cpu_model == "host" ? "max" : shape.cpu_model);
  add(arguments, "-m", std::to_string(shape.memory.count));
  const std::string vcpus = std::to_string(shape.vcpus);
  add(arguments, "-smp", vcpus + ",sockets=1,dies=1,cores=" + vcpus + ",threads=1");
  arguments.insert(arguments.end(), {"-display", "none", "-no-user-config", "-nodefaults"});
  add(arguments, "-rtc", "base=utc");
  add(arguments, "-global", "ICH9-LPC.disable_s3=1");
  add(arguments, "-global", "ICH9-LPC.disable_s4=1");
  add(arguments, "-boot", "strict=on");
}

/// libvirt puts each PCI Express device on a root port of its own, eight ports on one slot from slot 1 on, and keeps
/// one port free.
void add_root_ports(Arguments& arguments, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    const unsigned slot = 1 + i / 8, function = i % 8;
    base::Json port;
    port["driver"] = "pcie-root-port";
    port["port"] = static_cast<int>(slot * 8 + function);
    port["chassis"] = static_cast<int>(i + 1);
    port["id"] = "pci." + std::to_string(i + 1);
    port["bus"] = "pcie.0";
    const std::string address = base::hex_number(slot);
    port["addr"] = function == 0 ? address : address + "." + base::hex_number(function);
    if (function == 0) port["multifunction"] = true;
    add(arguments, "-device", port.compact());
  }
}

base::Json on_port(const char* driver, unsigned port) {
  base::Json device;
  device["driver"] = driver;
  device["bus"] = "pci." + std::to_string(port);
  device["addr"] = "0x0";
  return device;
}

void add_disk(Arguments& arguments, unsigned number) {
  const std::string node = "disk" + std::to_string(number);
  base::Json backend;
  backend["driver"] = "null-co";
  backend["node-name"] = node;
  backend["size"] = 1 << 20;
  backend["read-zeroes"] = true;
  add(arguments, "-blockdev", backend.compact());
  base::Json device = on_port("virtio-blk-pci", 2 + number);
  device["drive"] = node;
  if (number == 0) device["bootindex"] = 1;
  add(arguments, "-device", device.compact());
}

void add_pci_devices(Arguments& arguments, const GuestDevices& devices) {
  const unsigned used = devices.disks + 2;  // network, disks, entropy
  add_root_ports(arguments, used + 1);
  for (unsigned i = 0; i < devices.disks; ++i) add_disk(arguments, i);
  add(arguments, "-netdev", R"({"type":"hubport","id":"network0","hubid":0})");
  base::Json network = on_port("virtio-net-pci", 1);
  network["netdev"] = "network0";
  network["romfile"] = "";
  add(arguments, "-device", network.compact());
  add(arguments, "-object", R"({"qom-type":"rng-builtin","id":"entropy0"})");
  base::Json entropy = on_port("virtio-rng-pci", used);
  entropy["rng"] = "entropy0";
  add(arguments, "-device", entropy.compact());
}

}  // namespace

GuestShape shape_of(const measurement::LaunchConfiguration& launch, const GuestDevices& devices) {
  return {launch.tee, launch.machine, launch.cpu_model, launch.memory, launch.vcpus, true, devices};
}

std::vector<std::string> guest_arguments(const GuestShape& shape, const std::string& serial,
                                         const std::optional<std::string>& tpm_socket) {
  if (shape.devices.disks > 26) throw base::Error(base::Kind::usage, "disks: more than 26");
  Arguments arguments;
  add_platform(arguments, shape);
  if (shape.devices.any) add_pci_devices(arguments, shape.devices);
  add(arguments, "-chardev", serial + ",id=serial0");
  add(arguments, "-device", R"({"driver":"isa-serial","chardev":"serial0","index":0})");
  if (tpm_socket) {
    add(arguments, "-chardev", "socket,id=tpm-control,path=" + *tpm_socket);
    add(arguments, "-tpmdev", "emulator,id=tpm0,chardev=tpm-control");
    add(arguments, "-device", R"({"driver":"tpm-crb","tpmdev":"tpm0"})");
  }
  return arguments;
}

}  // namespace provisioner
