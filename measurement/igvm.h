#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"

/// Independent Guest Virtual Machine files, format version 1: a list of directives that a VMM turns into guest memory.
/// Each directive has a mask of the platforms it is for. Views point into the file, which must outlive them.
/// Source: Microsoft IGVM, igvm_defs 0.4.
namespace measurement {

enum class IgvmPlatformType : std::uint8_t { native = 0, vsm = 1, snp = 2, tdx = 3, sev = 4, sev_es = 5, cca = 6 };

struct IgvmPlatform {
  std::uint32_t mask = 0;  ///< exactly one bit, which directives of this platform have set
  std::uint8_t highest_vtl = 0;
  IgvmPlatformType type = IgvmPlatformType::native;
};

/// The guest policy of the platforms in `mask`; for SNP the POLICY of the launch.
struct IgvmPolicy {
  std::uint64_t policy = 0;
  std::uint32_t mask = 0;
};

enum class IgvmPageType : std::uint16_t { normal = 0, secrets = 1, cpuid_data = 2, cpuid_xf = 3 };

/// A page of 4 KiB or 2 MiB to load at `gpa`.
struct IgvmPageData {
  base::Gpa gpa;
  std::uint32_t mask = 0;
  std::uint64_t size = 0;
  IgvmPageType type = IgvmPageType::normal;
  bool unmeasured = false, shared = false;
  base::Bytes data;  ///< `size` bytes; empty: zeros
};

/// Room for what the host tells the guest, later inserted as unmeasured pages.
struct IgvmParameterArea {
  std::uint64_t size = 0;  ///< bytes, whole 4096-byte pages
  std::uint32_t index = 0;
};

struct IgvmParameterInsert {
  base::Gpa gpa;
  std::uint32_t mask = 0;
  std::uint64_t size = 0;  ///< of the area it inserts
  std::uint32_t area = 0;
};

/// The first state of one vCPU.
struct IgvmVpContext {
  base::Gpa gpa;
  std::uint32_t mask = 0;
  std::uint16_t vp_index = 0;
  base::Bytes data;  ///< for SEV-ES and SEV-SNP the 4096 bytes of a VM save area, else what is left of the file
};

/// The SNP ID block and what authenticates it, as the directive has them.
struct IgvmSnpIdBlock {
  std::uint32_t mask = 0;
  base::Bytes body;  ///< the 696 bytes of the structure
};

/// A directive without effect on the measurement: required memory, a parameter, an error range, one that may be
/// ignored.
struct IgvmOtherDirective {
  std::uint32_t type = 0;  ///< without the bit that says it may be ignored
};

struct IgvmDirective {
  std::size_t offset = 0;  ///< of its header in the file
  std::variant<IgvmPageData, IgvmParameterArea, IgvmParameterInsert, IgvmVpContext, IgvmSnpIdBlock, IgvmOtherDirective>
      content;
};

struct IgvmFile {
  std::vector<IgvmPlatform> platforms;
  std::vector<IgvmPolicy> policies;
  std::vector<IgvmDirective> directives;  ///< all of them, in file order

  [[nodiscard]] const IgvmPlatform* platform(IgvmPlatformType type) const noexcept;  ///< nullptr when not supported
  [[nodiscard]] std::optional<std::uint64_t> policy(std::uint32_t mask) const noexcept;
};

/// Parses and checks a whole file: every length, offset, alignment, reserved field and reference, and that no platform
/// loads two pages to one address. At most 4 GiB are loaded for a platform.
/// @throws base::Error{malformed} "IGVM+0xOFFSET: .., got .., wanted .."; a wrong CRC is one of them
IgvmFile parse_igvm(base::Bytes file);

}  // namespace measurement
