// bulkhead-guest: /init of the measured initrd. It proves to the tenant's attestation service what was started here,
// receives the guest's bootstrap secret and the keys of its volumes, opens them and only then gives the machine to the
// root disk.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "base/posix_files.h"
#include "guest/believed_tee.h"
#include "guest/config_disk.h"
#include "guest/cryptsetup_disk.h"
#include "guest/evidence_source.h"
#include "guest/lease.h"
#include "guest/linux_boot.h"
#include "guest/linux_devices.h"
#include "guest/linux_network.h"
#include "guest/passport.h"
#include "guest/recovery.h"
#include "guest/rotation.h"
#include "guest/secrets.h"

namespace {

/// One line on the console, after a line end: firmware and kernel may have left theirs open.
void say(const std::string& text) {
  const std::string line = "\nbulkhead: " + text + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
}

void wait(std::chrono::milliseconds pause) {
  ::poll(nullptr, 0, static_cast<int>(pause.count()));
}

/// How to reach the tenant's service.
guest::Connect service_of(const base::Initdata& initdata) {
  constexpr unsigned request_seconds = 30;
  const base::HttpsUrl& url = initdata.attestation.url;
  const std::string endpoint = "https://" + url.host + ":" + std::to_string(url.port);
  return [endpoint, ca = initdata.attestation.ca] {
    return attestation::wire::make_https_client(endpoint, ca, request_seconds);
  };
}

/// How to reach the KMS that initdata names, if it does.
guest::OpenKms kms_of(const base::Initdata& initdata) {
  return [&initdata](const attestation::wire::ClientIdentity& own) {
    return guest::make_kms_transport(*initdata.kms, own);
  };
}

/// Without its recovery key a volume works as well: what goes wrong is told.
void keep_recovery(guest::EncryptedDisk& disk, const std::string& name, const attestation::wire::VolumeKeys& keys,
                   const std::vector<std::string>& owners) {
  try {
    if (guest::keep_recovery(disk, keys, owners) == guest::Recovery::changed)
      say("volume " + name + (owners.empty() ? ": has no recovery key any more" : ": has a new recovery key"));
  } catch (const base::Error& error) {
    say("volume " + name + ": its recovery key is as it was: " + error.what());
  }
}

/// Opens one of the guest's own disks; true when it was made just now.
bool open_volume(guest::DeviceEvents& devices, const std::string& name, const attestation::wire::VolumeKeys& keys,
                 const std::vector<std::string>& owners) {
  try {
    const auto disk = guest::make_encrypted_disk(guest::wait_for_disk(devices, base::volume_serial(name)), name);
    const bool made = guest::open_volume(*disk, keys) == guest::Opened::newly_formatted;
    keep_recovery(*disk, name, keys, owners);
    return made;
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), "volume " + name + ": " + error.what());
  }
}

/// Nothing tells which of two boots on SNP or TDX is the later one, so the service puts this one off until the lease of
/// the boot before has run out: 15 minutes at most.
guest::Patience patience_with(const guest::EvidenceSource& evidence) {
  if (evidence.tee() == "tpm") return {.wait = wait};
  return {std::chrono::seconds(1), std::chrono::seconds(30), std::chrono::minutes(20), wait,
          [](const std::string& why) { say("waits: " + why); }};
}

/// Secrets come only to a guest that its owner approved. They go to memory (/run is a tmpfs) and to the kernel, and are
/// wiped here. @return whether a volume's key is rotating
bool receive_secrets(guest::DeviceEvents& devices, const base::Initdata& initdata, guest::EvidenceSource& evidence) {
  guest::Service service{service_of(initdata), evidence, patience_with(evidence), kms_of(initdata)};
  const guest::Secrets secrets = guest::fetch_secrets(initdata, service);
  ::mkdir("/run/bulkhead", 0755);
  base::write_new_secret_file("/run/bulkhead/bootstrap", secrets.bootstrap);
  std::vector<std::string> formatted;
  for (const auto& [name, keys] : secrets.volumes) {
    if (open_volume(devices, name, keys, initdata.recovery)) formatted.push_back(name);
  }
  if (formatted.empty()) return secrets.rotating;
  ::sync();  // the service hears of what is on the disk and not of what may get there
  guest::tell_formatted(initdata.guest, formatted, service);
  return secrets.rotating;
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): `service` owns its std::function, which the analyzer loses
}

/// Follows the rotations of keys, in silence: the console is the root's by now. What goes wrong is told all the same,
/// and tried again at the next renewal; the volumes stay open.
void follow_rotations(const base::Initdata& initdata, attestation::wire::AttestedSession& session) {
  for (const std::string& name : initdata.volumes) {
    try {
      const auto device = guest::find_disk(base::volume_serial(name));
      if (!device) throw base::Error(base::Kind::host, "its disk is gone");
      const auto disk = guest::make_encrypted_disk(*device, name);
      guest::follow_rotation(*disk, session, guest::path_name(initdata.guest) + "-" + name, [&](const auto& versions) {
        return guest::fetch_versions(initdata, session, kms_of(initdata), name, versions);
      });
    } catch (const std::exception& error) {
      say("volume " + name + ": its key is not rotated: " + error.what());
    }
  }
}

/// Attests on beside the root's own programs. A later refusal is told and no more: this program no longer has the
/// machine. @param at_once instead of some minutes later
void keep_lease(const base::Initdata& initdata, guest::EvidenceSource& evidence, bool at_once) {
  guest::Renewal renewal;
  if (at_once) renewal.first = {};
  renewal.wait = wait;
  renewal.renewed = [&](attestation::wire::AttestedSession& session) { follow_rotations(initdata, session); };
  try {
    for (const std::string& name : initdata.volumes) guest::leave_mount(guest::volume_mount_point(name));
    guest::keep_lease(service_of(initdata), evidence, renewal);
  } catch (const std::exception& error) {
    say("the lease ends: " + std::string(error.what()));
  }
}

void attest_and_enter_root() {
  guest::mount_kernel_filesystems();
  guest::DeviceEvents devices;
  guest::load_modules("/modules");

  // Is this the initdata that was measured? Not a byte of it is parsed before that is known and bound to the evidence.
  const std::string config_disk =
      base::read_file(guest::wait_for_disk(devices, "bulkhead-config"), guest::config_disk_limit);
  const std::string document = guest::initdata_on(base::bytes_of(config_disk));
  const std::string command_line = base::read_file("/proc/cmdline");
  const base::Tee tee = guest::believed_tee(guest::confidential_processor(""), command_line);
  const auto evidence = guest::open_evidence_source(tee, command_line, wait);
  evidence->bind(document);

  // Who am I, and how do I reach my tenant's service?
  const base::Initdata initdata = base::parse_initdata(document);
  evidence->name_guest(initdata.guest.text());
  guest::configure_network(guest::wait_for_interface(devices, initdata.network.mac), initdata.network);

  const bool rotating = receive_secrets(devices, initdata, *evidence);
  say("attested tenant=" + initdata.guest.tenant.name + " guest=" + initdata.guest.text());

  guest::describe_host(guest::path_name(initdata.guest));
  guest::in_background("bulkhead-lease", [&] { keep_lease(initdata, *evidence, rotating); });
  if (const auto root = guest::find_disk("bulkhead-root")) guest::enter_root(*root);
  guest::remain();
}

}  // namespace

int main() {
  ::setenv("TSS2_LOG", "all+NONE", 1);  // the TSS would print its own lines on the console
  try {
    attest_and_enter_root();
  } catch (const base::Error& error) {
    say((error.kind() == base::Kind::not_attested ? "refused: " : "stopped: ") + std::string(error.what()));
  } catch (const std::exception& error) {
    say("stopped: " + std::string(error.what()));
  }
  guest::power_off();
}
