#include "measurement/boot_images.h"

#include <algorithm>
#include <future>

#include "base/crypto.h"
#include "measurement/pe_image.h"

namespace measurement {
namespace {

constexpr std::size_t worth_a_thread = std::size_t{1} << 20U;

template <typename T, typename Compute>
T& once(std::optional<T>& cached, Compute compute) {
  if (!cached) cached.emplace(compute());
  return *cached;
}

}  // namespace

const FirmwareProfile& BootImages::firmware_profile() {
  return once(profile_, [&] { return detect_firmware_profile(bytes_.firmware); });
}

const VariableStore& BootImages::firmware_variables() {
  return once(variables_, [&] {
    return has_variable_store(bytes_.firmware) ? read_variable_store(bytes_.firmware) : VariableStore{};
  });
}

const std::vector<TdvfSection>& BootImages::tdvf_sections() {
  return once(tdvf_sections_, [&] { return read_tdvf(bytes_.firmware); });
}

const Mrtd& BootImages::mrtd(PageOrder order) {
  const auto found = mrtds_.find(order);
  if (found != mrtds_.end()) return found->second;
  return mrtds_.emplace(order, measurement::mrtd(bytes_.firmware, tdvf_sections(), order)).first->second;
}

const std::vector<BankDigests>& BootImages::configuration_volumes() {
  return once(configuration_volumes_, [&] {
    std::vector<BankDigests> digests;
    for (const TdvfSection& section : tdvf_sections())
      if (section.type == TdvfSectionType::configuration_volume)
        digests.push_back(digests_of(section.data(bytes_.firmware)));
    return digests;
  });
}

SnpLaunches& BootImages::snp_launches(const VmmProfile& profile) {
  const auto found = snp_launches_.find(profile.name);
  if (found != snp_launches_.end()) return found->second;
  SnpLaunches launches(firmware_launch_digest(bytes_.firmware), read_sev_firmware(bytes_.firmware), profile);
  return snp_launches_.emplace(profile.name, std::move(launches)).first->second;
}

FileHashes BootImages::hash_files() const {
  if (!bytes_.initrd) return {base::sha256(bytes_.kernel), std::nullopt};
  const bool large = std::min(bytes_.kernel.size(), bytes_.initrd->size()) >= worth_a_thread;
  std::future<base::Sha256> initrd =
      std::async(large ? std::launch::async : std::launch::deferred, base::sha256, *bytes_.initrd);
  const base::Sha256 kernel = base::sha256(bytes_.kernel);
  return {kernel, initrd.get()};
}

KernelHashes BootImages::kernel_hashes(std::string_view command_line) {
  const FileHashes& files = once(file_hashes_, [&] { return hash_files(); });
  return measurement::kernel_hashes(files.kernel, files.initrd, command_line);
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
