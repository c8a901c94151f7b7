#pragma once
#include <optional>
#include <string_view>

#include "measurement/uki.h"

namespace measurement {

/// The archive with one file that systemd-stub makes for the kernel: directory `.extra`, the file in it, a trailer.
/// Source: systemd src/boot/efi/cpio.c; Linux Documentation/driver-api/early-userspace/buffer-format.rst.
base::Buffer stub_archive(std::string_view name, base::Bytes content);

/// Digests of the initrd the stub hands to the kernel; nullopt when there is none. Its pieces, each padded to a
/// multiple of 4 when there are several: .ucode, .initrd, then archives of .pcrsig, .pcrpkey and, from version 257,
/// .osrel and .profile. What the ESP adds (credentials, system extensions) and the boot secret of version 262 are not
/// in it. Source: systemd src/boot/efi/stub.c of versions 252, 254, 257 and 262.
std::optional<BankDigests> stub_initrd(const Uki& uki);

}  // namespace measurement
