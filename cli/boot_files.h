#pragma once
#include <optional>

#include "base/posix_files.h"
#include "cli/boot_file_options.h"
#include "measurement/boot_images.h"

namespace cli {

/// The files the hypervisor and the firmware load, mapped read-only: however large, they take no memory of ours.
struct BootFiles {
  base::MappedFile firmware;
  std::optional<base::MappedFile> kernel, initrd;
  /// Views of the files; no kernel is an empty one.
  [[nodiscard]] measurement::BootBytes bytes() const;
};

/// Whether a kernel must be one QEMU can start, or is hashed as it is.
enum class KernelCheck { strict, none };

/// @throws Error{failure} when a file cannot be read; Error{malformed} when the firmware is larger than 16 MiB or the
/// kernel is neither a bzImage nor an EFI program
BootFiles map_boot_files(const BootFileOptions& options, KernelCheck check);

}  // namespace cli
