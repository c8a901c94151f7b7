#include "measurement/igvm.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/crc32.h"
#include "base/encoding.h"
#include "measurement/igvm_directives.h"
#include "measurement/igvm_layout.h"

namespace measurement {
namespace {

namespace layout = igvm_layout;
using base::hex_number;

constexpr std::uint64_t most_loaded = 4ULL << 30U;

/// Sections follow each other in this order.
enum class Section { platform, initialization, directive };

Section section_of(std::uint32_t type, std::size_t offset) {
  if (type >= 0x1 && type <= 0x100) return Section::platform;
  if (type >= 0x101 && type <= 0x200) return Section::initialization;
  if (type >= 0x301 && type <= 0x400) return Section::directive;
  refuse_igvm(offset, "header type: got " + hex_number(type) + ", wanted 0x1 to 0x200 or 0x301 to 0x400");
}

layout::FixedHeader read_fixed_header(base::Bytes file) {
  const auto header = base::ByteReader("IGVM", file).take<layout::FixedHeader>();
  if (header.magic.value() != 0x4d564749)
    refuse_igvm(0, "magic: got " + hex_number(header.magic.value()) + ", wanted 0x4d564749 ('IGVM')");
  if (header.format_version.value() != 1)
    refuse_igvm(4, "format version: got " + std::to_string(header.format_version.value()) + ", wanted 1");
  const std::uint32_t start = header.variable_header_offset.value();
  if (start < sizeof(layout::FixedHeader) || start % 8 != 0 || start > file.size())
    refuse_igvm(8, "variable header offset: got " + hex_number(start) + ", wanted 0x18 or a later multiple of 8");
  if (header.variable_header_size.value() > file.size() - start)
    refuse_igvm(12, "variable header size: got " + hex_number(header.variable_header_size.value()) +
                        ", wanted at most " + hex_number(file.size() - start));
  if (header.total_file_size.value() != file.size())
    refuse_igvm(16, "file size: got " + hex_number(file.size()) + " bytes, wanted " +
                        hex_number(header.total_file_size.value()));
  return header;
}

/// The checksum covers both headers, itself as zero, and no file data.
void check_crc(const layout::FixedHeader& header, base::Bytes variable) {
  layout::FixedHeader summed = header;
  summed.checksum = std::uint32_t{0};
  const std::uint32_t computed = base::crc32(variable, base::crc32(base::layout_bytes(summed)));
  if (computed != header.checksum.value())
    refuse_igvm(20, "CRC-32: got " + hex_number(header.checksum.value()) + ", wanted " + hex_number(computed));
}

/// Relocation regions and CoRIM documents: known, but nothing of a launch's measurement. @returns false for other types
bool check_unmeasured(std::uint32_t type, base::Bytes body, std::size_t offset) {
  const std::size_t size = type == layout::relocatable_region             ? layout::relocatable_region_size
                           : type == layout::page_table_relocation_region ? layout::page_table_relocation_region_size
                           : type == layout::corim_document || type == layout::corim_signature ? layout::corim_size
                                                                                               : 0;
  if (size != 0 && body.size() != size)
    refuse_igvm(offset - 4,
                "length of the structure: got " + std::to_string(body.size()) + ", wanted " + std::to_string(size));
  return size != 0;
}

class Parser {
 public:
  explicit Parser(base::Bytes file) : file_(file) {}

  IgvmFile parse() {
    const layout::FixedHeader fixed = read_fixed_header(file_);
    const std::size_t start = fixed.variable_header_offset.value();
    const base::Bytes variable = file_.subspan(start, fixed.variable_header_size.value());
    check_crc(fixed, variable);
    const std::size_t end = start + variable.size();
    base::ByteReader reader("IGVM", variable, start);
    while (!reader.done()) read_header(reader, end);
    return std::move(found_);
  }

 private:
  void read_header(base::ByteReader& reader, std::size_t data_start) {
    const std::size_t offset = reader.offset();
    const auto prefix = reader.take<layout::VariableHeader>();
    const std::uint32_t type = prefix.type.value() & ~layout::may_be_ignored;
    const std::size_t body_at = reader.offset();
    const base::Bytes body = reader.take(prefix.length.value());
    for (const std::uint8_t byte : reader.take((8 - body.size() % 8) % 8))
      if (byte != 0) refuse_igvm(body_at + body.size(), "padding: got " + hex_number(byte) + ", wanted 0");
    const Section section = section_of(type, offset);
    if (section < section_) refuse_igvm(offset, "header type " + hex_number(type) + " after a later section began");
    if (section == Section::directive && section_ != section) directives_.emplace(file_, data_start, masks_);
    section_ = section;
    if (!read_known(section, type, body, body_at)) {
      if ((prefix.type.value() & layout::may_be_ignored) == 0)
        refuse_igvm(offset, "header type " + hex_number(type) + " is not known and may not be ignored");
      if (section == Section::directive) found_.directives.push_back({offset, IgvmOtherDirective{type}});
    }
  }

  bool read_known(Section section, std::uint32_t type, base::Bytes body, std::size_t offset) {
    if (section == Section::directive) {
      if (!IgvmDirectiveReader::knows(type)) return false;
      found_.directives.push_back(directives_->read(type, body, offset));
    } else if (type == layout::supported_platform) {
      read_platform(igvm_structure<layout::SupportedPlatform>(body, offset), offset);
    } else if (type == layout::guest_policy) {
      read_policy(igvm_structure<layout::GuestPolicy>(body, offset), offset);
    } else {
      return check_unmeasured(type, body, offset);
    }
    return true;
  }

  void read_platform(const layout::SupportedPlatform& raw, std::size_t offset) {
    const std::uint32_t mask = raw.mask.value();
    if (mask == 0 || (mask & (mask - 1)) != 0 || (mask & masks_.known) != 0)
      refuse_igvm(offset, "platform mask: got " + hex_number(mask) + ", wanted one bit that no other platform has");
    if (raw.platform_type > 6)
      refuse_igvm(offset + 5, "platform type: got " + hex_number(raw.platform_type) + ", wanted 0x0 to 0x6");
    const IgvmPlatformType type{raw.platform_type};
    if (found_.platform(type))
      refuse_igvm(offset + 5, "platform type " + hex_number(raw.platform_type) + " occurs twice");
    masks_.known |= mask;
    if (type == IgvmPlatformType::snp || type == IgvmPlatformType::sev_es) masks_.save_area |= mask;
    found_.platforms.push_back({mask, raw.highest_vtl, type});
  }

  void read_policy(const layout::GuestPolicy& raw, std::size_t offset) {
    const std::uint32_t mask = raw.mask.value();
    if (mask == 0 || (mask & ~masks_.known) != 0)
      refuse_igvm(offset + 8,
                  "platform mask: got " + hex_number(mask) + ", wanted bits of " + hex_number(masks_.known));
    if (raw.reserved.value() != 0)
      refuse_igvm(offset + 12, "reserved field: got " + hex_number(raw.reserved.value()) + ", wanted 0");
    if (found_.policy(mask)) refuse_igvm(offset + 8, "a second guest policy for one platform");
    found_.policies.push_back({raw.policy.value(), mask});
  }

  base::Bytes file_;
  IgvmFile found_;
  IgvmMasks masks_;
  Section section_ = Section::platform;
  std::optional<IgvmDirectiveReader> directives_;
};

struct Load {
  std::uint64_t gpa = 0, size = 0;
  std::size_t offset = 0;  ///< of the directive
};

std::vector<Load> loads_of(const IgvmFile& file, std::uint32_t mask) {
  std::vector<Load> loads;
  for (const IgvmDirective& directive : file.directives) {
    if (const auto* page = std::get_if<IgvmPageData>(&directive.content); page && (page->mask & mask) != 0)
      loads.push_back({page->gpa.value, page->size, directive.offset});
    if (const auto* area = std::get_if<IgvmParameterInsert>(&directive.content); area && (area->mask & mask) != 0)
      loads.push_back({area->gpa.value, area->size, directive.offset});
  }
  return loads;
}

void check_loads(std::vector<Load> loads) {
  std::uint64_t total = 0;
  for (const Load& load : loads) {
    total += load.size;
    if (total > most_loaded) refuse_igvm(load.offset, "more than 4 GiB are loaded for one platform");
  }
  std::sort(loads.begin(), loads.end(), [](const Load& a, const Load& b) { return a.gpa < b.gpa; });
  for (std::size_t i = 1; i < loads.size(); ++i) {
    const Load &before = loads[i - 1], &load = loads[i];
    if (before.gpa + before.size > load.gpa)
      refuse_igvm(load.offset, "loads " + hex_number(load.gpa) + ", which the directive at " +
                                   hex_number(before.offset) + " loads too, wanted one for each platform");
  }
}

}  // namespace

const IgvmPlatform* IgvmFile::platform(IgvmPlatformType type) const noexcept {
  const auto found =
      std::find_if(platforms.begin(), platforms.end(), [type](const IgvmPlatform& p) { return p.type == type; });
  return found == platforms.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> IgvmFile::policy(std::uint32_t mask) const noexcept {
  for (const IgvmPolicy& entry : policies)
    if ((entry.mask & mask) != 0) return entry.policy;
  return std::nullopt;
}

IgvmFile parse_igvm(base::Bytes file) {
  IgvmFile found = Parser(file).parse();
  if (found.platforms.empty()) refuse_igvm(0, "no supported platform");
  for (const IgvmPlatform& platform : found.platforms) check_loads(loads_of(found, platform.mask));
  return found;
}

}  // namespace measurement
