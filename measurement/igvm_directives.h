#pragma once
#include <algorithm>
#include <map>
#include <string>

#include "measurement/igvm.h"

namespace measurement {

/// @throws base::Error{malformed} "IGVM+0xOFFSET: WHAT"
[[noreturn]] void refuse_igvm(std::size_t offset, const std::string& what);

/// Which bits the masks of a file may have, by platform.
struct IgvmMasks {
  std::uint32_t known = 0;
  std::uint32_t save_area = 0;  ///< platforms whose vCPU contexts are VM save areas: SEV-ES and SEV-SNP
};

/// Reads the directives of one file; they refer to parameter areas declared by earlier ones.
class IgvmDirectiveReader {
 public:
  /// @param data_start where the variable header ends: no file data is before it
  IgvmDirectiveReader(base::Bytes file, std::size_t data_start, IgvmMasks masks)
      : file_(file), data_start_(data_start), masks_(masks) {}
  /// @param type without the bit for "may be ignored"; `body` starts at `offset` in the file, after type and length
  /// @throws base::Error{malformed} also for a type that is no directive
  IgvmDirective read(std::uint32_t type, base::Bytes body, std::size_t offset);
  static bool knows(std::uint32_t type) noexcept;

 private:
  struct Area {
    std::uint64_t size = 0;
    std::uint32_t inserted = 0;  ///< the platforms it is inserted for
  };
  IgvmPageData page_data(base::Bytes body, std::size_t offset) const;
  IgvmParameterArea parameter_area(base::Bytes body, std::size_t offset);
  IgvmParameterInsert parameter_insert(base::Bytes body, std::size_t offset);
  IgvmVpContext vp_context(base::Bytes body, std::size_t offset);
  IgvmSnpIdBlock snp_id_block(base::Bytes body, std::size_t offset);
  void check_other(std::uint32_t type, base::Bytes body, std::size_t offset) const;
  void check_mask(std::uint32_t mask, std::size_t offset) const;
  [[nodiscard]] base::Bytes data_at(std::uint64_t file_offset, std::uint64_t size, std::size_t offset) const;

  base::Bytes file_;
  std::size_t data_start_;
  IgvmMasks masks_;
  std::map<std::uint32_t, Area> areas_;
  std::map<std::uint16_t, std::uint32_t> contexts_;  ///< vCPU index -> platforms that have its context
  std::uint32_t with_id_block_ = 0;
};

/// Copies out the structure a header must be.
/// @throws base::Error{malformed} when the header's length is another
template <typename Layout>
Layout igvm_structure(base::Bytes body, std::size_t offset) {
  if (body.size() != sizeof(Layout))
    refuse_igvm(offset - 4, "length of the structure: got " + std::to_string(body.size()) + ", wanted " +
                                std::to_string(sizeof(Layout)));
  Layout layout;
  std::copy(body.begin(), body.end(), reinterpret_cast<std::uint8_t*>(&layout));
  return layout;
}

}  // namespace measurement
