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
  if (const auto other = measurement::other_format(files.kernel->bytes()))
    throw base::Error(base::Kind::malformed,
                      *options.kernel + ": kernel+0x0: got " + std::string(*other) +
                          ", wanted a bzImage or an EFI program (--any-kernel hashes it as it is)");
  return files;
}

std::optional<std::string> kernel_problem(const BootFiles& files) {
  if (!files.kernel) return std::nullopt;
  try {
    measurement::check_kernel(files.kernel->bytes());
    return std::nullopt;
  } catch (const base::Error& error) {
    return error.what();
  }
}

}  // namespace cli
