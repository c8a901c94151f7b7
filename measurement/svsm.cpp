#include "measurement/svsm.h"

#include "base/byte_reader.h"
#include "base/crypto.h"
#include "base/error.h"
#include "measurement/ovmf.h"
#include "measurement/save_area.h"
#include "measurement/snp.h"

namespace measurement {
namespace {

constexpr std::uint64_t four_gib = 1ULL << 32U;
constexpr std::string_view svsm_info_guid = "a789a612-0597-4c4b-a49f-cbb1fe9d1ddd";

std::uint32_t entry_offset(base::Bytes svsm) {
  const std::vector<FooterEntry> table = read_footer_table(svsm);
  if (const FooterEntry* const info = find_footer_entry(table, svsm_info_guid))
    return base::ByteReader("SVSM information", info->data, info->offset).take<std::uint32_t>();
  throw base::Error(base::Kind::malformed,
                    "svsm: no entry " + std::string(svsm_info_guid) + " in its GUID table, so it has no entry point");
}

std::uint64_t place_below(std::uint64_t end, std::uint64_t size, const char* what) {
  if (size % page_size == 0 && size <= end) return end - size;
  throw base::Error(base::Kind::malformed, std::string(what) + ": got " + base::hex_number(size) +
                                               " bytes, wanted whole 4096-byte pages that end at " +
                                               base::hex_number(end));
}

/// Flat 32-bit segments, paging off.
base::Buffer svsm_vmsa_page(std::uint64_t entry, std::uint32_t cpuid_signature) {
  const SavedSegment data{std::uint16_t{16}, std::uint16_t{0xc93}, std::uint32_t{0xffffffff}, {}};
  const auto reset = [](std::uint16_t attributes) { return SavedSegment{{}, attributes, std::uint32_t{0xffff}, {}}; };
  SaveArea area{};
  area.es = area.ss = area.ds = area.fs = data;
  area.cs = {std::uint16_t{8}, std::uint16_t{0xc9b}, std::uint32_t{0xffffffff}, {}};
  area.gs = reset(0x93);
  area.gdtr = area.idtr = reset(0);
  area.ldtr = reset(0x82);
  area.tr = reset(0x8b);
  area.efer = std::uint64_t{0x1000};
  area.cr4 = std::uint64_t{0x40};
  area.cr0 = std::uint64_t{0x11};
  area.dr7 = std::uint64_t{0x400};
  area.dr6 = std::uint64_t{0xffff0ff0};
  area.rflags = std::uint64_t{2};
  area.rip = entry;
  area.g_pat = std::uint64_t{0x0007040600070406};
  area.rdx = std::uint64_t{cpuid_signature};
  area.sev_features = std::uint64_t{1};
  area.xcr0 = std::uint64_t{1};
  area.mxcsr = std::uint32_t{0x1f80};
  return base::buffer_of(base::layout_bytes(area));
}

}  // namespace

std::vector<LaunchDigest> svsm_launch_digests(const SvsmLaunch& launch) {
  check_firmware_size(launch.firmware);
  const std::uint64_t firmware = four_gib - launch.firmware.size();
  const std::uint64_t variables = place_below(firmware, launch.variables_size, "variable store");
  const std::uint64_t svsm = place_below(variables, launch.svsm.size(), "svsm");
  const std::uint64_t entry = svsm + entry_offset(launch.svsm);
  check_vcpus(launch.vcpus, {std::nullopt, static_cast<std::uint32_t>(entry)});

  LaunchPages pages;
  pages.add_measured(PageType::normal, {firmware}, launch.firmware);
  pages.add_measured(PageType::normal, {svsm}, launch.svsm);
  for (const SevSection& section : read_sev_firmware(launch.svsm).sections)
    pages.add_unmeasured(page_type(section.type, VmmProfile{}), {section.gpa}, section.size);
  const base::Sha384 vmsa = base::sha384(svsm_vmsa_page(entry, launch.cpuid_signature));
  std::vector<LaunchDigest> digests;
  while (digests.size() < launch.vcpus) {
    pages.add(PageType::vmsa, vmsa_address(VmmProfile{}, launch.cpuid_signature), vmsa);
    digests.push_back(pages.digest());
  }
  return digests;
}

}  // namespace measurement
