#pragma once
#include <cstddef>

#include "base/bytes.h"

/// The structures of an IGVM file as they are stored. Source: Microsoft IGVM, igvm_defs 0.4 (its IGVM_VHS_ names).
namespace measurement::igvm_layout {

struct FixedHeader {
  base::le32 magic, format_version, variable_header_offset, variable_header_size, total_file_size, checksum;
};
static_assert(sizeof(FixedHeader) == 24 && offsetof(FixedHeader, checksum) == 20);

/// Before each structure of the variable header, whose length is rounded up to 8.
struct VariableHeader {
  base::le32 type, length;
};
inline constexpr std::uint32_t may_be_ignored = 0x80000000;  ///< in `type`

inline constexpr std::uint32_t supported_platform = 0x1;
struct SupportedPlatform {
  base::le32 mask;
  std::uint8_t highest_vtl, platform_type;
  base::le16 platform_version;
  base::le64 shared_gpa_boundary;
};
static_assert(sizeof(SupportedPlatform) == 16);

inline constexpr std::uint32_t guest_policy = 0x101;
struct GuestPolicy {
  base::le64 policy;
  base::le32 mask, reserved;
};
static_assert(sizeof(GuestPolicy) == 16);

// Structures that do not change what is measured.
inline constexpr std::uint32_t relocatable_region = 0x102, page_table_relocation_region = 0x103, corim_document = 0x104,
                               corim_signature = 0x105;
inline constexpr std::size_t relocatable_region_size = 48, page_table_relocation_region_size = 32, corim_size = 16;

inline constexpr std::uint32_t parameter_area = 0x301;
struct ParameterArea {
  base::le64 number_of_bytes;
  base::le32 index, file_offset;
};
static_assert(sizeof(ParameterArea) == 16);

inline constexpr std::uint32_t page_data = 0x302;
struct PageData {
  base::le64 gpa;
  base::le32 mask, file_offset, flags;
  base::le16 data_type, reserved;
};
static_assert(sizeof(PageData) == 24);
inline constexpr std::uint32_t flag_2mib = 1, flag_unmeasured = 2, flag_shared = 4;

inline constexpr std::uint32_t parameter_insert = 0x303;
struct ParameterInsert {
  base::le64 gpa;
  base::le32 mask, index;
};
static_assert(sizeof(ParameterInsert) == 16);

inline constexpr std::uint32_t vp_context = 0x304;
struct VpContext {
  base::le64 gpa;
  base::le32 mask, file_offset;
  base::le16 vp_index, reserved;
};
static_assert(sizeof(VpContext) == 20);

inline constexpr std::uint32_t required_memory = 0x305;
struct RequiredMemory {
  base::le64 gpa;
  base::le32 mask, number_of_bytes, flags, reserved;
};
static_assert(sizeof(RequiredMemory) == 24);

inline constexpr std::uint32_t error_range = 0x30d;
struct ErrorRange {
  base::le64 gpa;
  base::le32 mask, size_bytes;
};
static_assert(sizeof(ErrorRange) == 16);

inline constexpr std::uint32_t vp_count = 0x307, srat = 0x308, madt = 0x309, mmio_ranges = 0x30a, memory_map = 0x30c,
                               command_line = 0x30e, slit = 0x30f, pptt = 0x310, device_tree = 0x312,
                               environment_info = 0x313;
/// What the host writes into a parameter area.
struct Parameter {
  base::le32 area, byte_offset;
};
static_assert(sizeof(Parameter) == 8);

struct Signature {
  std::array<std::uint8_t, 72> r, s;
};
struct PublicKey {
  base::le32 curve, reserved;
  std::array<std::uint8_t, 72> qx, qy;
};
inline constexpr std::uint32_t snp_id_block = 0x30b;
struct SnpIdBlock {
  base::le32 mask;
  std::uint8_t author_key_enabled;
  std::array<std::uint8_t, 3> reserved;
  std::array<std::uint8_t, 48> launch_digest;
  std::array<std::uint8_t, 16> family_id, image_id;
  base::le32 version, guest_svn, id_key_algorithm, author_key_algorithm;
  Signature id_block_signature;
  PublicKey id_key;
  Signature id_key_signature;
  PublicKey author_key;
};
static_assert(sizeof(SnpIdBlock) == 696 && offsetof(SnpIdBlock, version) == 88);
static_assert(offsetof(SnpIdBlock, id_block_signature) == 104 && offsetof(SnpIdBlock, id_key) == 248);
static_assert(offsetof(SnpIdBlock, id_key_signature) == 400 && offsetof(SnpIdBlock, author_key) == 544);

inline constexpr std::uint32_t vbs_measurement = 0x311;
inline constexpr std::size_t vbs_measurement_size = 864;

}  // namespace measurement::igvm_layout
