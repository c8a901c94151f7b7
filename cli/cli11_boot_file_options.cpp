#include <CLI/CLI.hpp>

#include "cli/boot_file_options.h"

namespace cli {

void add_boot_file_options(CLI::App& verb, BootFileOptions& options, FirmwareFlag firmware) {
  verb.add_option("--firmware", options.firmware, "the firmware's image: OVMF.fd, OVMF.amdsev.fd")
      ->required(firmware == FirmwareFlag::required);
  CLI::Option* const kernel = verb.add_option("--kernel", options.kernel, "a bzImage for direct boot (QEMU -kernel)");
  verb.add_option("--initrd", options.initrd, "its initrd")->needs(kernel);
  verb.add_option("--cmdline", options.command_line, "its command line, byte for byte")->needs(kernel);
}

}  // namespace cli
