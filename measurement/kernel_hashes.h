#pragma once
#include <string_view>

#include "base/digest.h"

namespace measurement {

/// What QEMU hashes with kernel-hashes=on.
struct KernelHashes {
  base::Sha256 kernel, initrd, command_line;
};

/// The SHA-256 values QEMU computes: of the files, of nothing when there is no initrd, and of the command line with one
/// NUL. Nothing is trimmed.
KernelHashes kernel_hashes(const base::Sha256& kernel, const std::optional<base::Sha256>& initrd,
                           std::string_view command_line);

/// The 176 bytes of the table, which SEV and SEV-ES measure after the firmware.
/// Source: QEMU target/i386/sev.c, PaddedSevHashTable.
base::Buffer kernel_hashes_table(const KernelHashes& hashes);

/// The 4096-byte page the firmware finds the table in, which starts at `offset`; SNP measures the whole page.
/// @throws base::Error{malformed} when the table does not fit
base::Buffer kernel_hashes_page(const KernelHashes& hashes, std::size_t offset);

}  // namespace measurement
