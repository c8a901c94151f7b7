#include "measurement/snp.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/units.h"
#include "measurement/vmsa.h"

namespace measurement {
namespace {

constexpr std::size_t page = 4096;
constexpr std::uint64_t four_gib = 1ULL << 32U;
constexpr base::Gpa vmsa_gpa{0xfffffffff000};
constexpr unsigned most_vcpus = 4096;

enum class PageType : std::uint8_t { normal = 1, vmsa = 2, zero = 3, unmeasured = 4, secrets = 5, cpuid = 6 };

struct PageInfo {
  std::array<std::uint8_t, 48> digest_current, contents;
  base::le16 length;
  PageType type;
  std::array<std::uint8_t, 5> imi_and_permissions;
  base::le64 gpa;
};
static_assert(sizeof(PageInfo) == 0x70 && offsetof(PageInfo, type) == 0x62 && offsetof(PageInfo, gpa) == 0x68);

void extend(LaunchDigest& digest, PageType type, base::Gpa gpa, const base::Sha384& contents = {}) {
  const PageInfo info{digest.bytes, contents.bytes, std::uint16_t{sizeof(PageInfo)}, type, {}, gpa.value};
  digest = LaunchDigest::from(base::sha384(base::layout_bytes(info)).view());
}

[[noreturn]] void lacks(const std::string& what) {
  throw base::Error(base::Kind::failure, "firmware: " + what);
}

base::Sha384 kernel_hashes_contents(const SnpLaunch& launch, const SevSection& section) {
  const std::uint32_t table = launch.firmware.hash_table_address.value();
  if (table < section.gpa || table >= section.gpa + section.size)
    lacks("kernel hash table at " + base::hex_number(table) + " is outside its section at " +
          base::hex_number(section.gpa));
  return base::sha384(kernel_hashes_page(*launch.kernel, table % page));
}

void extend_section(LaunchDigest& digest, const SnpLaunch& launch, const SevSection& section) {
  static const std::map<SevSectionType, PageType> types{{SevSectionType::memory, PageType::zero},
                                                        {SevSectionType::secrets, PageType::secrets},
                                                        {SevSectionType::cpuid, PageType::cpuid},
                                                        {SevSectionType::svsm_caa, PageType::zero},
                                                        {SevSectionType::kernel_hashes, PageType::zero}};
  if (section.type == SevSectionType::kernel_hashes && launch.kernel)
    return extend(digest, PageType::normal, {section.gpa}, kernel_hashes_contents(launch, section));
  for (std::uint64_t offset = 0; offset < section.size; offset += page)
    extend(digest, types.at(section.type), {section.gpa + offset});
}

void check(const SnpLaunch& launch) {
  if (launch.vcpus == 0 || launch.vcpus > most_vcpus)
    throw base::Error(base::Kind::usage, "vCPUs: got " + std::to_string(launch.vcpus) + ", wanted 1 to 4096");
  if (launch.vcpus > 1 && !launch.firmware.reset_address)
    lacks("no SEV-ES reset block, so it can start one vCPU only, wanted " + std::to_string(launch.vcpus));
  const auto& sections = launch.firmware.sections;
  const bool hashes = std::any_of(sections.begin(), sections.end(), [](const SevSection& section) {
    return section.type == SevSectionType::kernel_hashes;
  });
  if (launch.kernel && (!hashes || !launch.firmware.hash_table_address))
    lacks(
        "no SNP kernel-hashes section, so the kernel would not be measured; install a build with it "
        "(Debian: package ovmf-amdsev, /usr/share/ovmf/OVMF.amdsev.fd)");
}

}  // namespace

std::optional<std::uint32_t> cpuid_signature(std::string_view cpu_model) {
  static const std::map<std::string_view, std::uint32_t> signatures{
      {"EPYC", 0x800f12},       {"EPYC-IBPB", 0x800f12},  {"EPYC-Rome", 0x830f10}, {"EPYC-Milan", 0xa00f11},
      {"EPYC-Genoa", 0xa10f10}, {"EPYC-Turin", 0xb00f00}, {"Dhyana", 0x900f01}};
  const std::size_t dash = cpu_model.rfind("-v");
  if (dash != std::string_view::npos && dash + 2 < cpu_model.size() &&
      std::all_of(cpu_model.begin() + static_cast<std::ptrdiff_t>(dash) + 2, cpu_model.end(),
                  [](char c) { return c >= '0' && c <= '9'; }))
    cpu_model = cpu_model.substr(0, dash);
  const auto found = signatures.find(cpu_model);
  return found == signatures.end() ? std::nullopt : std::optional(found->second);
}

LaunchDigest firmware_launch_digest(base::Bytes firmware) {
  if (firmware.empty() || firmware.size() % page != 0 || firmware.size() > (std::size_t{16} << 20U))
    throw base::Error(base::Kind::malformed, "firmware: got " + std::to_string(firmware.size()) +
                                                 " bytes, wanted whole 4096-byte pages, at most 16 MiB");
  LaunchDigest digest;
  for (std::size_t offset = 0; offset < firmware.size(); offset += page)
    extend(digest, PageType::normal, {four_gib - firmware.size() + offset},
           base::sha384(firmware.subspan(offset, page)));
  return digest;
}

std::vector<LaunchDigest> snp_launch_digests(const SnpLaunch& launch) {
  check(launch);
  LaunchDigest digest = launch.firmware_digest;
  for (const SevSection& section : launch.firmware.sections) extend_section(digest, launch, section);
  VcpuReset reset{0xfffffff0, launch.cpuid_signature, launch.sev_features};
  extend(digest, PageType::vmsa, vmsa_gpa, base::sha384(vmsa_page(reset)));
  std::vector<LaunchDigest> digests{digest};
  if (launch.vcpus == 1) return digests;
  reset.address = *launch.firmware.reset_address;
  const base::Sha384 application_processor = base::sha384(vmsa_page(reset));
  while (digests.size() < launch.vcpus) {
    extend(digest, PageType::vmsa, vmsa_gpa, application_processor);
    digests.push_back(digest);
  }
  return digests;
}

}  // namespace measurement
