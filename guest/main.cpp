// /init of the measured initrd: what runs here was measured, and it proves so before anything else starts.
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "guest/bootstrap.h"
#include "guest/linux_boot.h"
#include "guest/linux_network.h"

namespace {

constexpr std::size_t largest_config_disk = 8U << 20U;
constexpr unsigned disk_seconds = 20;
constexpr unsigned service_seconds = 120;

void keep_secrets_out_of_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

/// From power-on to the userland; throws when this guest must not go on.
[[noreturn]] void boot() {
  guest::mount_kernel_file_systems();
  guest::load_modules();
  const std::string config_disk = guest::disk_with_serial("bulkhead-config", disk_seconds);
  if (config_disk.empty()) throw base::Error(base::Kind::host, "no disk has the serial bulkhead-config");
  const std::string command_line = base::read_file("/proc/cmdline", 1U << 16U);
  const std::string document =
      guest::checked_initdata(guest::disk_content(config_disk, largest_config_disk), command_line);
  guest::Tpm tpm("/dev/tpmrm0");
  tpm.extend_pcr8(base::sha256(base::bytes_of(document)), base::sha384(base::bytes_of(document)));
  const base::Initdata initdata = base::parse_initdata(document);
  guest::bring_up_network(initdata.network);
  const base::Secret secret = guest::fetch_bootstrap_secret(initdata, document, tpm, service_seconds);
  ::mkdir("/run/bulkhead", 0700);
  base::write_new_secret_file("/run/bulkhead/bootstrap", secret);
  guest::say("attested tenant=" + initdata.guest.tenant.name + " guest=" + initdata.guest.text());
  const std::string root_disk = guest::disk_with_serial("bulkhead-root", 0);
  if (root_disk.empty()) guest::wait_for_power_off();
  guest::become_userland(root_disk);
}

}  // namespace

int main() {
  keep_secrets_out_of_core_dumps();
  ::umask(077);
  try {
    boot();
  } catch (const base::Error& error) {
    guest::say((error.kind() == base::Kind::not_attested ? "refused: " : "stopped: ") + std::string(error.what()));
  } catch (const std::exception& error) {
    guest::say(std::string("stopped: ") + error.what());
  }
  guest::power_off();
}
