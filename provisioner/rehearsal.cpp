#include "provisioner/rehearsal.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "provisioner/crb_tpm.h"
#include "provisioner/guest_memory.h"
#include "provisioner/qemu_process.h"
#include "provisioner/scratch_tpm.h"

namespace provisioner {
namespace {

using namespace std::string_view_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view log_signature = "Spec ID Event03\0"sv;
constexpr std::size_t signature_place = 32;  // after the first record's header; TCG PFP 1.06, section 10.2.1
constexpr std::size_t largest_log = std::size_t{1} << 20U;
constexpr std::string_view left_boot_services = "Exit Boot Services Returned with Success";
constexpr std::uint32_t efi_action = 0x80000007;
constexpr int look_every_ms = 40;

base::Json block_device(const std::string& driver, const std::string& name) {
  base::Json device;
  device["driver"] = driver;
  device["node-name"] = name;
  device["read-only"] = true;
  return device;
}

std::vector<std::string> launch_arguments(const Rehearsal& rehearsal, const std::string& tpm_socket) {
  std::vector<std::string> all =
      guest_arguments(rehearsal.shape, "file,path=" + rehearsal.folder + "/console.log", tpm_socket);
  base::Json file = block_device("file", "firmware-file");
  file["filename"] = rehearsal.firmware;
  base::Json flash = block_device("raw", "firmware");
  flash["file"] = "firmware-file";
  all.insert(all.end(), {"-blockdev", file.compact(), "-blockdev", flash.compact(), "-machine", "pflash0=firmware",
                         "-kernel", rehearsal.kernel});
  if (rehearsal.initrd) all.insert(all.end(), {"-initrd", *rehearsal.initrd});
  if (!rehearsal.command_line.empty()) all.insert(all.end(), {"-append", rehearsal.command_line});
  return all;
}

struct FoundLog {
  base::Buffer bytes;
  measurement::EventLog log;
};

/// The firmware's log as it is now, when one of `places` holds one that is whole. It may be read in the middle of a
/// write, so a log that does not parse is looked at again.
std::optional<FoundLog> log_in(const GuestMemory& memory, const std::vector<std::uint64_t>& places) {
  for (const std::uint64_t place : places) {
    try {
      FoundLog found{memory.copy(place, largest_log), {}};
      found.log = measurement::parse_event_log(found.bytes);
      if (!found.log.events.empty()) return found;
    } catch (const base::Error&) {
      continue;
    }
  }
  return std::nullopt;
}

std::string end_of_console(const Rehearsal& rehearsal) {
  std::string text = base::read_file_if_any(rehearsal.folder + "/console.log").value_or("");
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f); }),
             text.end());
  return text.empty() ? "its console is empty"
                      : "its console ends with:\n" + text.substr(text.size() - std::min<std::size_t>(text.size(), 600));
}

FoundLog await_kernel(const Rehearsal& rehearsal, const GuestMemory& memory, QemuProcess& qemu) {
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(rehearsal.timeout_seconds);
  std::vector<std::uint64_t> places;
  std::optional<FoundLog> last;
  while (Clock::now() < deadline) {
    if (const auto words = qemu.ended())
      throw base::Error(base::Kind::host, "QEMU ended during the boot: " + *words + "; " + end_of_console(rehearsal));
    if (!last) places = memory.pages_with(log_signature, signature_place);
    if (auto now = log_in(memory, places)) last = std::move(now);
    if (last && has_left_boot_services(last->log)) return *std::move(last);
    ::poll(nullptr, 0, last ? look_every_ms : 5 * look_every_ms);
  }
  throw base::Error(base::Kind::host,
                    "the guest did not leave the boot services within " + std::to_string(rehearsal.timeout_seconds) +
                        " s" +
                        (last ? "" : " and its firmware has no TCG2 event log: wanted an OVMF built with TPM 2.0") +
                        "; " + end_of_console(rehearsal));
}

}  // namespace

bool has_left_boot_services(const measurement::EventLog& log) {
  return std::any_of(log.events.begin(), log.events.end(), [](const measurement::LogEvent& event) {
    return event.type == efi_action && base::text_of(event.data) == left_boot_services;
  });
}

RehearsedBoot rehearse(const Rehearsal& rehearsal) {
  const std::string state = rehearsal.folder + "/tpm";
  std::filesystem::create_directory(state);
  std::filesystem::permissions(state, std::filesystem::perms::owner_all);
  const ScratchTpm tpm(state, "sha256,sha384");
  const GuestMemory memory(rehearsal.shape.memory.bytes());
  QemuProcess::Options options;
  options.program = rehearsal.program;
  options.arguments = launch_arguments(rehearsal, tpm.socket());
  for (const std::string& word : memory.arguments()) options.arguments.push_back(word);
  options.inherited = {memory.file()};
  options.patience_seconds = rehearsal.timeout_seconds + 60;
  QemuProcess qemu(options);
  FoundLog found = await_kernel(rehearsal, memory, qemu);
  qemu.command("stop");
  return {std::move(found.log), std::move(found.bytes), read_pcrs(qemu.bus())};
}

}  // namespace provisioner
