#include "provisioner/qemu_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "provisioner/domain_xml.h"
#include "provisioner/temporary_directory.h"

namespace {

using provisioner::domain_xml;
using provisioner::DomainInputs;
using provisioner::guest_arguments;
using provisioner::GuestShape;
using provisioner::TemporaryDirectory;

DomainInputs inputs(base::Tee tee, unsigned disks) {
  DomainInputs domain;
  domain.launch.tee = tee;
  domain.launch.vcpus = 2;
  domain.launch.cpu_model = "qemu64";
  domain.launch.memory = base::MiB{1024};
  domain.launch.machine = "q35";
  domain.launch.firmware.path = "/usr/share/OVMF/OVMF_CODE_4M.fd";
  domain.launch.kernel.path = "/boot/kernel";
  domain.launch.command_line = "quiet";
  domain.name = "bh-acme-worker-0";
  domain.uuid = "5f0c1c9e-6b1e-5c1c-9d4e-0a6b6f0d0c00";
  domain.mac = "52:54:00:0a:0b:00";
  domain.network = "bh-acme-worker";
  for (unsigned i = 0; i < disks; ++i)
    domain.disks.push_back({"/store/" + std::to_string(i), "s" + std::to_string(i), true});
  domain.console_log = "/store/console.log";
  domain.accelerator = provisioner::Accelerator::tcg;
  return domain;
}

/// domxml-to-native has no network to ask, so the interface is named as what it becomes.
std::string without_network(std::string xml) {
  const std::size_t start = xml.find("    <interface type='network'>"), end = xml.find("</interface>", start);
  return xml.replace(start, end - start,
                     "<interface type='ethernet'><mac address='52:54:00:0a:0b:00'/><model type='virtio'/>");
}

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    if (word.front() == '\'') word = word.substr(1, word.size() - 2);
    words.push_back(word);
  }
  return words;
}

/// What of an option's value decides what the guest sees: without names, back ends, and flash or memory that a launch
/// adds.
std::string essence(const std::string& option, const std::string& value) {
  static const std::set<std::string> names = {"id",  "mac",     "serial", "drive",  "netdev",
                                              "rng", "chardev", "tpmdev", "romfile"};
  if (option == "-device") {
    base::Json device = base::Json::parse(value, option);
    for (const std::string& name : names) device.object().erase(name);
    if (device.at("driver").text() == "isa-serial") device.object().erase("index");
    return device.compact();
  }
  std::string kept;
  std::istringstream parts(value);
  for (std::string part; std::getline(parts, part, ',');) {
    if (option == "-machine" && (part.starts_with("pflash0=") || part.starts_with("memory-backend=") ||
                                 part.starts_with("pc-q35-") || part == "q35" || part == "acpi=on"))
      continue;
    if (part == "clusters=1") continue;  // QEMU's own default, which newer libvirt names
    if (option == "-m" && part.starts_with("size=") && part.ends_with("k"))  // newer libvirt counts KiB
      part = std::to_string(std::stoul(part.substr(5)) / 1024);
    kept += part + ",";
  }
  return kept;
}

std::vector<std::string> essentials(const std::vector<std::string>& words) {
  static const std::set<std::string> shown = {"-machine", "-accel", "-cpu", "-m", "-smp", "-rtc", "-boot", "-global"};
  std::vector<std::string> found, devices;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "-device") devices.push_back(essence(words[i], words[i + 1]));
    if (words[i + 1] == "ICH9-LPC.noreboot=off") continue;  // a watchdog's, since libvirt 9.1; no table shows it
    if (shown.contains(words[i])) found.push_back(words[i] + " " + essence(words[i], words[i + 1]));
    if (words[i] == "-nodefaults" || words[i] == "-no-user-config") found.push_back(words[i]);
  }
  std::sort(found.begin(), found.end());
  std::sort(devices.begin(), devices.end());  // the address of each is part of it
  found.insert(found.end(), devices.begin(), devices.end());
  return found;
}

TEST(QemuArguments, AreThoseLibvirtMakesOfTheDomain) {
  const TemporaryDirectory folder;
  const std::string connection = "qemu:///embed?root=" + folder.file("libvirt");
  for (const unsigned disks : {0U, 2U, 9U}) {
    DomainInputs domain = inputs(base::Tee::emulated, disks);
    base::write_file_atomically(folder.file("domain.xml"), without_network(domain_xml(domain)), 0600);
    std::string native;
    try {
      native = base::run_or_throw(
          {"virsh", "-q", "-c", connection, "domxml-to-native", "qemu-argv", folder.file("domain.xml")},
          {.environment = {"XDG_CONFIG_HOME=" + folder.path(), "HOME=" + folder.path()}});
    } catch (const base::Error& error) {
      GTEST_SKIP() << "no libvirt to ask: " << error.what();
    }
    const GuestShape shape = provisioner::shape_of(domain.launch, {true, disks});
    EXPECT_EQ(essentials(guest_arguments(shape, "null", "/tpm")), essentials(words_of(native))) << disks << " disks";
  }
}

TEST(QemuArguments, OfATdxGuestLeaveOutTimerAndInterruptControllerItDoesNotHave) {
  GuestShape shape;
  shape.tee = base::Tee::tdx;
  const std::vector<std::string> arguments = guest_arguments(shape, "null", std::nullopt);
  EXPECT_THAT(arguments, testing::Contains(testing::HasSubstr("hpet=off,pic=off")));
  EXPECT_THAT(arguments, testing::Not(testing::Contains(testing::HasSubstr("tpm"))));
}

TEST(QemuArguments, OfABareMachineHaveNoPciDevice) {
  GuestShape shape;
  shape.devices = {false, 0};
  const std::vector<std::string> arguments = guest_arguments(shape, "null", std::nullopt);
  EXPECT_THAT(arguments, testing::Not(testing::Contains(testing::HasSubstr("pcie-root-port"))));
  EXPECT_EQ(std::count(arguments.begin(), arguments.end(), "-device"), 1);
}

}  // namespace
