#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/units.h"

namespace provisioner {

/// An SNP ID block and its signature, as SNP_LAUNCH_FINISH takes them.
struct SnpIdBlock {
  base::Buffer block;           ///< 96 bytes
  base::Buffer authentication;  ///< 4096 bytes; empty in a plan: with_id_authentication() adds it
  bool author_key = false;      ///< whether the authentication holds an author key
};

/// Where Intel's quote generation service listens, and where QEMU asks for a TD's quotes. No measurement covers it.
inline constexpr const char* quote_service_socket = "/var/run/tdx-qgs/qgs.socket";

/// What a domain's <launchSecurity> says.
struct LaunchSecurity {
  base::Tee tee = base::Tee::snp;
  std::uint64_t snp_policy = 0;
  bool kernel_hashes = true;  ///< snp only: QEMU's kernel-hashes
  /// snp: 32 bytes; tdx: 48 bytes of MRCONFIGID; nullopt in a fragment somebody completes
  std::optional<base::Buffer> host_data;
  std::optional<SnpIdBlock> id_block;                     ///< snp only
  bool td_debug = false;                                  ///< tdx only: whether the host may debug the TD
  std::optional<base::Sha384> mr_owner, mr_owner_config;  ///< tdx only; zeros when absent
  std::optional<std::string> quote_socket;                ///< tdx only; without one a TD gets no quotes
};

/// The element as it stands in a domain, two blanks before it; "" for `emulated`. Source: libvirt formatdomain, "Launch
/// Security".
/// @param whose for messages: the domain's name
/// @throws Error{failure} when host_data or an ID block has another size than the TEE wants
std::string launch_security_xml(const LaunchSecurity& security, const std::string& whose);

/// Base64 of ID authentications, by base64 of the ID block that each authenticates.
using IdAuthentications = std::map<std::string, std::string>;

/// A planned domain with the authentication of its ID block, which the owners' approval has; unchanged when it is
/// launched without an ID block.
/// @throws Error{failure} when there is none for its block
std::string with_id_authentication(const std::string& xml, const IdAuthentications& known);

}  // namespace provisioner
