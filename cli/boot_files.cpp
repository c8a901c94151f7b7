#include "cli/boot_files.h"

#include "base/error.h"
#include "measurement/linux_kernel.h"
#include "measurement/ovmf.h"

namespace cli {

measurement::BootBytes BootFiles::bytes() const {
  return {firmware.bytes(), kernel ? kernel->bytes() : base::Bytes(),
          initrd ? std::optional(initrd->bytes()) : std::nullopt};
}

BootFiles map_boot_files(const BootFileOptions& options, KernelCheck check) {
  const auto mapped = [](const std::optional<std::string>& path) {
    return path ? std::optional<base::MappedFile>(*path) : std::nullopt;
  };
  BootFiles files{base::MappedFile(options.firmware), mapped(options.kernel), mapped(options.initrd)};
  measurement::check_firmware_size(files.firmware.bytes());
  if (!files.kernel || check == KernelCheck::none) return files;
  try {
    measurement::check_kernel(files.kernel->bytes());
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), *options.kernel + ": " + error.what() + " (--any-kernel hashes it as it is)");
  }
  return files;
}

}  // namespace cli
