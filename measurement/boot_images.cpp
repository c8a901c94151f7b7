#include "measurement/boot_images.h"

#include "base/crypto.h"
#include "measurement/pe_image.h"

namespace measurement {
namespace {

template <typename T, typename Compute>
const T& once(std::optional<T>& cached, Compute compute) {
  if (!cached) cached = compute();
  return *cached;
}

}  // namespace

const FirmwareProfile& BootImages::firmware_profile() {
  return once(profile_, [&] { return detect_firmware_profile(bytes_.firmware); });
}

const SevFirmware& BootImages::sev_firmware() {
  return once(sev_firmware_, [&] { return read_sev_firmware(bytes_.firmware); });
}

const LaunchDigest& BootImages::firmware_launch_digest() {
  return once(firmware_launch_digest_, [&] { return measurement::firmware_launch_digest(bytes_.firmware); });
}

const base::Sha256& BootImages::kernel_sha256() {
  return once(kernel_sha256_, [&] { return base::sha256(bytes_.kernel); });
}

std::optional<BankDigests> BootImages::initrd_digests() {
  if (!bytes_.initrd) return std::nullopt;
  return once(initrd_, [&] { return digests_of(*bytes_.initrd); });
}

std::optional<std::uint64_t> BootImages::initrd_size() const {
  return bytes_.initrd ? std::optional<std::uint64_t>(bytes_.initrd->size()) : std::nullopt;
}

const BankDigests& BootImages::kernel_digests() {
  return once(kernel_, [&] { return authenticode_digests(bytes_.kernel); });
}

const BankDigests& BootImages::patched_kernel_digests(const LegacyLoad& load) {
  const SetupHeaderPatch patch = setup_header_patch(bytes_.kernel, load);
  const auto found = patched_.find(patch);
  if (found != patched_.end()) return found->second;
  return patched_.emplace(patch, authenticode_digests(patched_kernel(bytes_.kernel, patch))).first->second;
}

}  // namespace measurement
