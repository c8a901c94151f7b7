#include "measurement/igvm_directives.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "measurement/igvm_layout.h"

namespace measurement {
namespace {

namespace layout = igvm_layout;
using base::hex_number;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t large_page = 512 * page;
constexpr std::uint64_t address_space = 1ULL << 52U;
constexpr std::uint64_t largest_area = 1ULL << 30U;

/// A range of whole pages within the 52 bits of a guest-physical address.
void check_range(std::uint64_t gpa, std::uint64_t size, std::uint64_t alignment, std::size_t offset) {
  if (gpa % alignment != 0)
    refuse_igvm(offset, "GPA " + hex_number(gpa) + ", wanted a multiple of " + hex_number(alignment));
  if (size > address_space || gpa > address_space - size)
    refuse_igvm(offset,
                "GPA " + hex_number(gpa) + " and " + hex_number(size) + " bytes, wanted to end at most at 2^52");
}

void check_whole_pages(std::uint64_t size, std::size_t offset) {
  if (size % page != 0) refuse_igvm(offset, "size: got " + hex_number(size) + " bytes, wanted a multiple of 4096");
}

void check_zero(std::uint64_t reserved, std::size_t offset) {
  if (reserved != 0) refuse_igvm(offset, "reserved field: got " + hex_number(reserved) + ", wanted 0");
}

bool is_parameter(std::uint32_t type) noexcept {
  static constexpr std::array parameters{
      layout::vp_count,     layout::srat, layout::madt, layout::mmio_ranges, layout::memory_map,
      layout::command_line, layout::slit, layout::pptt, layout::device_tree, layout::environment_info};
  return std::find(parameters.begin(), parameters.end(), type) != parameters.end();
}

}  // namespace

void refuse_igvm(std::size_t offset, const std::string& what) {
  throw base::Error(base::Kind::malformed, "IGVM+" + hex_number(offset) + ": " + what);
}

bool IgvmDirectiveReader::knows(std::uint32_t type) noexcept {
  static constexpr std::array others{layout::parameter_area, layout::page_data,      layout::parameter_insert,
                                     layout::vp_context,     layout::snp_id_block,   layout::required_memory,
                                     layout::error_range,    layout::vbs_measurement};
  return is_parameter(type) || std::find(others.begin(), others.end(), type) != others.end();
}

IgvmDirective IgvmDirectiveReader::read(std::uint32_t type, base::Bytes body, std::size_t offset) {
  const std::size_t header = offset - sizeof(layout::VariableHeader);
  switch (type) {
    case layout::page_data:
      return {header, page_data(body, offset)};
    case layout::parameter_area:
      return {header, parameter_area(body, offset)};
    case layout::parameter_insert:
      return {header, parameter_insert(body, offset)};
    case layout::vp_context:
      return {header, vp_context(body, offset)};
    case layout::snp_id_block:
      return {header, snp_id_block(body, offset)};
    default:
      check_other(type, body, offset);
      return {header, IgvmOtherDirective{type}};
  }
}

IgvmPageData IgvmDirectiveReader::page_data(base::Bytes body, std::size_t offset) const {
  const auto raw = igvm_structure<layout::PageData>(body, offset);
  const std::uint32_t flags = raw.flags.value();
  const std::uint64_t size = (flags & layout::flag_2mib) != 0 ? large_page : page;
  check_range(raw.gpa.value(), size, size, offset);
  check_mask(raw.mask.value(), offset + 8);
  check_zero(flags & ~(layout::flag_2mib | layout::flag_unmeasured | layout::flag_shared), offset + 16);
  if (raw.data_type.value() > 3)
    refuse_igvm(offset + 20, "page data type: got " + hex_number(raw.data_type.value()) + ", wanted 0x0 to 0x3");
  check_zero(raw.reserved.value(), offset + 22);
  const std::uint32_t at = raw.file_offset.value();
  return {{raw.gpa.value()},
          raw.mask.value(),
          size,
          IgvmPageType{raw.data_type.value()},
          (flags & layout::flag_unmeasured) != 0,
          (flags & layout::flag_shared) != 0,
          at == 0 ? base::Bytes() : data_at(at, size, offset + 12)};
}

IgvmParameterArea IgvmDirectiveReader::parameter_area(base::Bytes body, std::size_t offset) {
  const auto raw = igvm_structure<layout::ParameterArea>(body, offset);
  const std::uint64_t size = raw.number_of_bytes.value();
  check_whole_pages(size, offset);
  if (size == 0 || size > largest_area)
    refuse_igvm(offset, "parameter area: got " + hex_number(size) + " bytes, wanted 0x1000 to 1 GiB");
  if (raw.file_offset.value() != 0) (void)data_at(raw.file_offset.value(), size, offset + 12);
  if (!areas_.emplace(raw.index.value(), Area{size}).second)
    refuse_igvm(offset + 8, "parameter area " + std::to_string(raw.index.value()) + " occurs twice");
  return {size, raw.index.value()};
}

IgvmParameterInsert IgvmDirectiveReader::parameter_insert(base::Bytes body, std::size_t offset) {
  const auto raw = igvm_structure<layout::ParameterInsert>(body, offset);
  const std::uint32_t mask = raw.mask.value();
  check_mask(mask, offset + 8);
  const auto area = areas_.find(raw.index.value());
  const std::string name = "parameter area " + std::to_string(raw.index.value());
  if (area == areas_.end()) refuse_igvm(offset + 12, name + " is not declared before");
  if ((area->second.inserted & mask) != 0) refuse_igvm(offset + 12, name + " is inserted twice for one platform");
  area->second.inserted |= mask;
  check_range(raw.gpa.value(), area->second.size, page, offset);
  return {{raw.gpa.value()}, mask, area->second.size, raw.index.value()};
}

IgvmVpContext IgvmDirectiveReader::vp_context(base::Bytes body, std::size_t offset) {
  const auto raw = igvm_structure<layout::VpContext>(body, offset);
  const std::uint32_t mask = raw.mask.value();
  check_range(raw.gpa.value(), page, page, offset);
  check_mask(mask, offset + 8);
  check_zero(raw.reserved.value(), offset + 18);
  std::uint32_t& seen = contexts_[raw.vp_index.value()];
  if ((seen & mask) != 0)
    refuse_igvm(offset + 16, "context of vCPU " + std::to_string(raw.vp_index.value()) + " occurs twice");
  seen |= mask;
  const std::uint32_t at = raw.file_offset.value();
  const bool save_area = (mask & masks_.save_area) != 0;
  const base::Bytes rest = data_at(at, save_area ? page : 0, offset + 12);
  return {{raw.gpa.value()}, mask, raw.vp_index.value(), save_area ? rest : file_.subspan(at)};
}

IgvmSnpIdBlock IgvmDirectiveReader::snp_id_block(base::Bytes body, std::size_t offset) {
  const auto raw = igvm_structure<layout::SnpIdBlock>(body, offset);
  const std::uint32_t mask = raw.mask.value();
  check_mask(mask, offset);
  if (raw.author_key_enabled > 1)
    refuse_igvm(offset + 4, "author key enabled: got " + hex_number(raw.author_key_enabled) + ", wanted 0 or 1");
  if ((with_id_block_ & mask) != 0) refuse_igvm(offset, "a second ID block for one platform");
  with_id_block_ |= mask;
  return {mask, body};
}

void IgvmDirectiveReader::check_other(std::uint32_t type, base::Bytes body, std::size_t offset) const {
  if (is_parameter(type)) {
    const auto raw = igvm_structure<layout::Parameter>(body, offset);
    const auto area = areas_.find(raw.area.value());
    if (area == areas_.end())
      refuse_igvm(offset, "parameter area " + std::to_string(raw.area.value()) + " is not declared before");
    if (raw.byte_offset.value() >= area->second.size)
      refuse_igvm(offset + 4, "byte offset " + hex_number(raw.byte_offset.value()) + ", wanted less than " +
                                  hex_number(area->second.size));
  } else if (type == layout::required_memory) {
    const auto raw = igvm_structure<layout::RequiredMemory>(body, offset);
    check_range(raw.gpa.value(), raw.number_of_bytes.value(), page, offset);
    check_mask(raw.mask.value(), offset + 8);
    check_whole_pages(raw.number_of_bytes.value(), offset + 12);
    check_zero(raw.reserved.value(), offset + 20);
  } else if (type == layout::error_range) {
    const auto raw = igvm_structure<layout::ErrorRange>(body, offset);
    check_range(raw.gpa.value(), raw.size_bytes.value(), page, offset);
    check_mask(raw.mask.value(), offset + 8);
    check_whole_pages(raw.size_bytes.value(), offset + 12);
  } else if (type == layout::vbs_measurement && body.size() != layout::vbs_measurement_size) {
    refuse_igvm(offset - 4, "length of the structure: got " + std::to_string(body.size()) + ", wanted 864");
  }
}

void IgvmDirectiveReader::check_mask(std::uint32_t mask, std::size_t offset) const {
  if (mask == 0 || (mask & ~masks_.known) != 0)
    refuse_igvm(offset, "platform mask: got " + hex_number(mask) + ", wanted bits of " + hex_number(masks_.known));
}

base::Bytes IgvmDirectiveReader::data_at(std::uint64_t file_offset, std::uint64_t size, std::size_t offset) const {
  if (file_offset < data_start_ || file_offset > file_.size() || size > file_.size() - file_offset)
    refuse_igvm(offset, "file data at " + hex_number(file_offset) + " of " + hex_number(size) +
                            " bytes, wanted it within " + hex_number(data_start_) + " to " + hex_number(file_.size()));
  return file_.subspan(file_offset, size);
}

}  // namespace measurement
