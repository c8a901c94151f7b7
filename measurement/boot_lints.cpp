#include "measurement/boot_lints.h"

#include <charconv>

namespace measurement {
namespace {

constexpr unsigned stub_with_secret = 262, stub_measures_into_cc = 256;
constexpr std::pair<unsigned, unsigned> measures_into_cc{6, 9};

// "6.12.117+deb13-amd64 (..)" is 6.12.
std::optional<std::pair<unsigned, unsigned>> release_of(std::string_view version) {
  std::pair<unsigned, unsigned> release;
  const char* const end = version.data() + version.size();
  const auto [dot, bad_major] = std::from_chars(version.data(), end, release.first);
  if (bad_major != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, bad_minor] = std::from_chars(dot + 1, end, release.second);
  return bad_minor == std::errc() ? std::optional(release) : std::nullopt;
}

void lint_stub(const LintInputs& inputs, std::vector<std::string>& warnings) {
  if (!inputs.uki) return;
  const std::string stub = "systemd-stub " + inputs.uki->stub_version;
  if (inputs.uki->stub >= stub_with_secret && inputs.path != UkiPath::qemu_kernel)
    warnings.push_back(
        stub + " adds a random secret of the machine to the initrd, so " +
        (inputs.tee == base::Tee::tdx ? "RTMR2" : "PCR 9") +
        " cannot be predicted: build the image with a stub of 257 to 261, or start it with QEMU -kernel");
  if (inputs.uki->stub >= stub_with_secret && inputs.command_line.find("console=") == std::string::npos)
    warnings.push_back(stub +
                       " may append a console= of its own, which depends on the devices: put console= into the "
                       "image's command line");
  if (inputs.uki->stub < stub_measures_into_cc && inputs.tee == base::Tee::tdx)
    warnings.push_back(stub + " does not measure the image's sections into RTMR2: use a stub of 257 to 261");
}

void lint_confidential(const LintInputs& inputs, std::vector<std::string>& warnings) {
  if (inputs.tee != base::Tee::tdx) return;
  const auto release = inputs.kernel_version ? release_of(*inputs.kernel_version) : std::nullopt;
  if (release && *release < measures_into_cc)
    warnings.push_back("kernel " + std::to_string(release->first) + "." + std::to_string(release->second) +
                       " measures neither command line nor initrd into RTMR2: use Linux 6.9 or later");
  if (inputs.has_tpm)
    warnings.emplace_back(
        "the guest has a TPM beside its measurement registers: Linux and systemd then measure into the TPM only, and "
        "RTMR2 stays without command line and initrd: take the TPM out");
}

}  // namespace

bool is_pinned_machine(std::string_view machine) noexcept {
  return machine.find_first_of("0123456789", machine.rfind('-') + 1) != std::string_view::npos &&
         machine.find('-') != std::string_view::npos && machine.find('.') != std::string_view::npos;
}

std::vector<std::string> boot_warnings(const LintInputs& inputs) {
  std::vector<std::string> warnings;
  lint_stub(inputs, warnings);
  lint_confidential(inputs, warnings);
  if (!is_pinned_machine(inputs.machine))
    warnings.push_back("machine type '" + inputs.machine +
                       "' means another one after an upgrade of QEMU, with other tables: name a version such as "
                       "pc-q35-10.0");
  if (inputs.unknown_authority)
    warnings.emplace_back(
        "Secure Boot is on: PCR 7 (RTMR0) also gets the entry of db that each image was verified with, which is not "
        "predicted: compare that event with your db, or pin PCR 4 and 11 instead");
  return warnings;
}

}  // namespace measurement
