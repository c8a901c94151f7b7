#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/units.h"

namespace measurement {

/// What QEMU's -kernel loader writes into the kernel's setup header depends on this and on nothing else.
struct LegacyLoad {
  std::optional<std::uint64_t> initrd_size;  ///< bytes
  base::MiB memory;
  std::string command_line;
};

/// The few fields of a bzImage's setup header QEMU changes, at their file offsets; equal patches make equal kernels.
struct SetupHeaderPatch {
  std::uint8_t loader = 0, load_flags = 0;
  std::uint16_t heap_end = 0;
  std::uint32_t command_line_address = 0;
  std::optional<std::uint16_t> video_mode;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> initrd;  ///< address, size
  auto operator<=>(const SetupHeaderPatch&) const = default;
};

/// Whether QEMU's -kernel and the firmware can start `kernel`.
/// @throws base::Error{malformed} unless it is a bzImage of boot protocol 2.02 or later or an EFI program (a UKI)
void check_kernel(base::Bytes kernel);

/// What a file given as a kernel is instead, when its first bytes tell: "an ELF file (vmlinux)", "a cpio archive (an
/// initrd)". nullopt for a kernel, for nothing at all and for bytes that say nothing.
std::optional<std::string_view> other_format(base::Bytes kernel) noexcept;

/// Memory below 4 GiB of a q35 machine. Source: QEMU hw/i386/pc_q35.c.
std::uint64_t memory_below_4g(base::MiB memory) noexcept;

/// What QEMU would change in `kernel`. Source: QEMU hw/i386/x86-common.c, x86_load_linux(); Linux
/// Documentation/arch/x86/boot.rst.
/// @throws base::Error{malformed} when `kernel` is no bzImage of boot protocol 2.02 or later, or the initrd does not
/// fit
SetupHeaderPatch setup_header_patch(base::Bytes kernel, const LegacyLoad& load);

/// `kernel` as the firmware reads it from the fw_cfg items of QEMU's legacy loader.
base::Buffer patched_kernel(base::Bytes kernel, const SetupHeaderPatch& patch);

}  // namespace measurement
