#include "provisioner/service_unit.h"

#include <unistd.h>

#include "base/posix_files.h"
#include "base/posix_process.h"

namespace provisioner {
namespace {

std::string unit_path(const std::string& tenant) {
  return "/run/systemd/system/" + service_unit_name(tenant);
}

/// An argument of ExecStart: quoted, and without the characters systemd would expand.
std::string quoted(const std::string& argument) {
  std::string text = "\"";
  for (const char c : argument) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '%' || c == '$') text += c;  // doubled
    text += c;
  }
  return text + "\"";
}

}  // namespace

std::string service_unit_name(const std::string& tenant) {
  return "bulkhead-attestd-" + tenant + ".service";
}

std::string service_unit(const ServicePlace& place) {
  std::string command;
  for (const std::string& argument : place.command()) command += (command.empty() ? "" : " ") + quoted(argument);
  const std::string id = std::to_string(place.user_id);
  return "[Unit]\nDescription=Bulkhead attestation service of tenant " + place.tenant +
         "\nStartLimitIntervalSec=0\n\n[Service]\nExecStart=" + command + "\nUser=" + id + "\nGroup=" + id +
         "\nEnvironment=HOME=/nonexistent\nNetworkNamespacePath=/run/netns/" + place.router +
         "\nRestart=on-failure\nRestartSec=1\nStandardOutput=append:" + place.log() +
         "\nStandardError=inherit\nUMask=0077\nNoNewPrivileges=yes\nCapabilityBoundingSet=\n" +
         "ProtectSystem=strict\nReadWritePaths=" + place.state + " " + place.run +
         "\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\nProtectKernelTunables=yes\nProtectKernelModules=yes\n"
         "ProtectKernelLogs=yes\nProtectControlGroups=yes\nProtectClock=yes\nProtectHostname=yes\nRestrictNamespaces="
         "yes\n"
         "RestrictRealtime=yes\nRestrictSUIDSGID=yes\nLockPersonality=yes\nSystemCallArchitectures=native\n"
         "MemoryDenyWriteExecute=yes\nRestrictAddressFamilies=AF_INET AF_UNIX\nSystemCallFilter=@system-service\n"
         "LimitCORE=0\n";
}

void start_unit(const ServicePlace& place) {
  base::write_file_atomically(unit_path(place.tenant), service_unit(place), 0644);
  base::run_or_throw({"systemctl", "daemon-reload"});
  base::run_or_throw({"systemctl", "restart", service_unit_name(place.tenant)});
}

void stop_unit(const std::string& tenant) {
  if (::access(unit_path(tenant).c_str(), F_OK) != 0) return;
  base::run_or_throw({"systemctl", "stop", service_unit_name(tenant)});
  ::unlink(unit_path(tenant).c_str());
  base::run_or_throw({"systemctl", "daemon-reload"});
}

}  // namespace provisioner
