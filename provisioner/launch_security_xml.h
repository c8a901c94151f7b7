#pragma once
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/units.h"

namespace provisioner {

/// An SNP ID block and its signature, as SNP_LAUNCH_FINISH takes them.
struct SnpIdBlock {
  base::Buffer block;           ///< 96 bytes
  base::Buffer authentication;  ///< 4096 bytes
  bool author_key = false;      ///< whether the authentication holds an author key
};

/// What a domain's <launchSecurity> says.
struct LaunchSecurity {
  base::Tee tee = base::Tee::snp;
  std::uint64_t snp_policy = 0;
  bool kernel_hashes = true;  ///< snp only: QEMU's kernel-hashes
  /// snp: 32 bytes; tdx: 48 bytes of MRCONFIGID; nullopt in a fragment somebody completes
  std::optional<base::Buffer> host_data;
  std::optional<SnpIdBlock> id_block;       ///< snp only
  std::optional<std::string> quote_socket;  ///< tdx only: the quote generation service's Unix socket
};

/// The element as it stands in a domain, two blanks before it; "" for `emulated`. Source: libvirt formatdomain, "Launch
/// Security".
/// @param whose for messages: the domain's name
/// @throws Error{failure} when host_data or an ID block has another size than the TEE wants
std::string launch_security_xml(const LaunchSecurity& security, const std::string& whose);

}  // namespace provisioner
