#pragma once
#include <optional>
#include <string>

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

/// What is refused as a kernel: files that are clearly something else, or nothing.
enum class KernelCheck { other_formats, none };

/// @throws Error{failure} when a file cannot be read; Error{malformed} when the firmware is larger than 16 MiB or the
/// kernel is something else, such as a vmlinux
BootFiles map_boot_files(const BootFileOptions& options, KernelCheck check);
/// Why QEMU or the firmware cannot start the kernel; nullopt when they can or when there is none.
std::optional<std::string> kernel_problem(const BootFiles& files);

}  // namespace cli
