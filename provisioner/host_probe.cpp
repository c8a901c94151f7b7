#include "provisioner/host_probe.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/posix_files.h"
#include "provisioner/launch_security_xml.h"

namespace provisioner {
namespace {

namespace fs = std::filesystem;

/// Reads of one host, below a root of the caller's choice.
class HostFilesystem {
 public:
  explicit HostFilesystem(std::string root) : root_(std::move(root)) {}
  /// First line of a file; "absent" when there is none.
  [[nodiscard]] std::string line(const std::string& path) const {
    const std::string text = base::read_file_if_any(root_ + path).value_or("absent\n");
    return text.substr(0, text.find('\n'));
  }
  [[nodiscard]] bool has(const std::string& path) const {
    std::error_code ignored;
    return fs::exists(root_ + path, ignored);
  }
  [[nodiscard]] bool has_entries(const std::string& path) const {
    std::error_code ignored;
    return fs::directory_iterator(root_ + path, ignored) != fs::directory_iterator();
  }
  [[nodiscard]] bool has_cpu_flag(const std::string& flag) const {
    std::istringstream lines(base::read_file_if_any(root_ + "/proc/cpuinfo").value_or(""));
    for (std::string text; std::getline(lines, text);) {
      if (text.starts_with("flags")) return (text + " ").find(" " + flag + " ") != std::string::npos;
    }
    return false;
  }

 private:
  std::string root_;
};

/// Collects findings: the remedy is dropped where nothing is missing.
class Findings {
 public:
  void add(std::string check, bool present, std::string got, std::string remedy) {
    all_.push_back({std::move(check), present, std::move(got), present ? std::string() : std::move(remedy)});
  }
  std::vector<ProbeFinding> take() { return std::move(all_); }

 private:
  std::vector<ProbeFinding> all_;
};

std::string dotted(unsigned long version) {
  return std::to_string(version / 1'000'000) + "." + std::to_string(version / 1'000 % 1'000) + "." +
         std::to_string(version % 1'000);
}

void add_version(Findings& findings, const char* program, unsigned long got, unsigned long wanted, const char* why) {
  findings.add(std::string(program) + " " + dotted(wanted) + " or later", got >= wanted, dotted(got),
               std::string("upgrade ") + program + ": " + why);
}

bool kernel_is(const std::string& release, unsigned major, unsigned minor) {
  unsigned got_major = 0, got_minor = 0;
  char dot = 0;
  std::istringstream(release) >> got_major >> dot >> got_minor;
  return got_major > major || (got_major == major && got_minor >= minor);
}

void add_kernel(Findings& findings, const HostFilesystem& host, unsigned major, unsigned minor, const char* why) {
  const std::string release = host.line("/proc/sys/kernel/osrelease");
  findings.add("Linux " + std::to_string(major) + "." + std::to_string(minor) + " or later",
               kernel_is(release, major, minor), "/proc/sys/kernel/osrelease: " + release,
               std::string("boot a newer kernel: ") + why);
}

void add_flag_file(Findings& findings, const HostFilesystem& host, const char* check, const std::string& path,
                   const char* remedy) {
  const std::string value = host.line(path);
  findings.add(check, value == "Y" || value == "1", path + ": " + value, remedy);
}

void add_section_type(Findings& findings, const HypervisorFacts& hypervisor, const char* type) {
  const std::string& xml = hypervisor.domain_capabilities;
  const std::size_t section = xml.find("<launchSecurity");
  const bool offered = section != std::string::npos &&
                       xml.find("<value>" + std::string(type) + "</value>", section) != std::string::npos;
  findings.add(std::string("launch security '") + type + "' in libvirt", offered,
               offered ? "domain capabilities list it" : "domain capabilities do not list it",
               "make the items above present, then restart libvirtd so that it asks QEMU again");
}

void add_common(Findings& findings, const HostFilesystem& host, const HypervisorFacts& hypervisor) {
  findings.add("libvirt", hypervisor.error.empty(),
               hypervisor.error.empty() ? "version " + dotted(hypervisor.libvirt_version) : hypervisor.error,
               "install libvirt-daemon-system and start libvirtd");
  const bool ip = host.has("/usr/sbin/ip") || host.has("/sbin/ip") || host.has("/usr/bin/ip");
  findings.add("iproute2", ip, ip ? "ip is installed" : "no ip program", "install iproute2");
  const bool namespaces = host.has("/proc/self/ns/net");
  findings.add("network namespaces", namespaces, std::string("/proc/self/ns/net: ") + (namespaces ? "there" : "absent"),
               "boot a kernel with CONFIG_NET_NS");
}

void add_emulated(Findings& findings, const HostFilesystem& host, const HypervisorFacts& hypervisor) {
  for (const char* program : {"swtpm", "swtpm_setup"}) {
    const bool there = host.has(std::string("/usr/bin/") + program);
    findings.add(program, there, std::string("/usr/bin/") + program + (there ? ": there" : ": absent"),
                 "install swtpm and swtpm-tools");
  }
  const bool emulator = hypervisor.domain_capabilities.find("<value>tpm-crb</value>") != std::string::npos &&
                        hypervisor.domain_capabilities.find("<value>emulator</value>") != std::string::npos;
  findings.add("TPM emulator in libvirt", emulator,
               emulator ? "domain capabilities list tpm-crb" : "domain capabilities do not list it",
               "install swtpm and restart libvirtd");
}

void add_snp(Findings& findings, const HostFilesystem& host, const HypervisorFacts& hypervisor) {
  add_version(findings, "libvirt", hypervisor.libvirt_version, 10'005'000, "launch security 'sev-snp' is new in 10.5");
  add_version(findings, "QEMU", hypervisor.qemu_version, 9'001'000, "SEV-SNP guests are new in 9.1");
  add_kernel(findings, host, 6, 11, "KVM hosts SEV-SNP guests since 6.11");
  const bool cpu = host.has_cpu_flag("sev_snp");
  findings.add("SEV-SNP in the CPU", cpu, std::string("/proc/cpuinfo: ") + (cpu ? "sev_snp" : "no flag sev_snp"),
               "use an AMD EPYC 7003 or later with SEV-SNP and SNP memory coverage enabled in the BIOS");
  for (const char* name : {"sev", "sev_es", "sev_snp"}) {
    add_flag_file(findings, host, (std::string(name) + " in KVM").c_str(),
                  std::string("/sys/module/kvm_amd/parameters/") + name,
                  "load kvm_amd with sev=1 sev_es=1 sev_snp=1; if it stays N see the kernel log for the firmware's "
                  "reason, and set "
                  "'SEV-ES ASID space limit' above 1 in the BIOS");
  }
  findings.add("/dev/sev", host.has("/dev/sev"), host.has("/dev/sev") ? "there" : "absent",
               "load the module ccp and see its kernel log");
  const std::string command_line = host.line("/proc/cmdline");
  const bool passthrough =
      command_line.find("iommu=pt") != std::string::npos || command_line.find("iommu=off") != std::string::npos;
  findings.add("IOMMU translating", !passthrough && host.has_entries("/sys/kernel/iommu_groups"),
               passthrough ? "/proc/cmdline: iommu=pt or iommu=off" : "/sys/kernel/iommu_groups",
               "enable the IOMMU in the BIOS and boot without iommu=pt and iommu=off");
  add_section_type(findings, hypervisor, "sev-snp");
}

void add_tdx(Findings& findings, const HostFilesystem& host, const HypervisorFacts& hypervisor) {
  add_version(findings, "libvirt", hypervisor.libvirt_version, 11'006'000, "launch security 'tdx' is new in 11.6");
  add_version(findings, "QEMU", hypervisor.qemu_version, 10'001'000, "TDX guests are new in 10.1");
  add_kernel(findings, host, 6, 16, "KVM hosts TDX guests since 6.16");
  const bool cpu = host.has_cpu_flag("tdx_host_platform");
  findings.add("TDX in the CPU", cpu,
               std::string("/proc/cpuinfo: ") + (cpu ? "tdx_host_platform" : "no flag tdx_host_platform"),
               "use a 5th generation Xeon or later with TME-MT, SEAMRR and TDX enabled in the BIOS");
  add_flag_file(findings, host, "TDX in KVM", "/sys/module/kvm_intel/parameters/tdx",
                "boot with nohibernate kvm_intel.tdx=1; if it stays N see the kernel log for the TDX module");
  const bool quotes = host.has(quote_service_socket);
  findings.add("quote generation service", quotes,
               std::string(quote_service_socket) + ": " + (quotes ? "there" : "absent"),
               "install and start Intel's tdx-qgs, and register the platform");
  add_section_type(findings, hypervisor, "tdx");
}

}  // namespace

std::vector<ProbeFinding> probe_findings(const std::string& sysroot, const HypervisorFacts& hypervisor, base::Tee tee) {
  const HostFilesystem host(sysroot);
  Findings findings;
  add_common(findings, host, hypervisor);
  switch (tee) {
    case base::Tee::emulated:
      add_emulated(findings, host, hypervisor);
      break;
    case base::Tee::snp:
      add_snp(findings, host, hypervisor);
      break;
    case base::Tee::tdx:
      add_tdx(findings, host, hypervisor);
      break;
  }
  return findings.take();
}

}  // namespace provisioner
