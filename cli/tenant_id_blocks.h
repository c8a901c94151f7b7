#pragma once
#include <optional>
#include <string>

#include "provisioner/id_blocks.h"
#include "tenants/tenant.h"

namespace cli {

/// The owner whose ID key signs the tenant's ID blocks: the first that names one, because a launch carries one block.
/// nullptr when nobody does or the tenant is not `tee: snp`.
const tenants::Owner* id_block_owner(const tenants::Tenant& tenant);

/// What the tenant's ID blocks say beside digest, policy and guest SVN; nullopt without id_block_owner(). Public keys
/// are read from the files the owner names, or asked of the token of a "pkcs11:" URI.
/// @throws Error{failure} when a key cannot be read, Error{malformed} when it is not on P-384
std::optional<measurement::SnpIdentity> snp_identity(const tenants::Tenant& tenant);

/// The owner's private keys: PEM files with mode 0600 or "pkcs11:" URIs.
struct IdSigningKeys {
  std::optional<std::string> id, author;
};

/// The ID blocks of an approval. One that somebody signed already has them; otherwise they are signed here: by the keys
/// given, or by those whose "pkcs11:" URI the tenant's file names.
/// @param so_far the approval others have signed already; its payload may be empty
/// @throws Error{usage} for keys that nothing is signed with; Error{failure} when the key of a block is not given
provisioner::IdBlocks signed_id_blocks(const tenants::Tenant& tenant, const provisioner::Intent& intent,
                                       const IdSigningKeys& keys, const base::Envelope& so_far);

}  // namespace cli
