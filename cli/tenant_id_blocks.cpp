#include "cli/tenant_id_blocks.h"

#include <algorithm>
#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/id_block_files.h"
#include "cli/signers.h"
#include "provisioner/qemu_tables.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using measurement::IdAuthentication;
using measurement::IdBlock;

constexpr std::size_t largest_key_file = 1U << 16U;

bool in_token(const std::string& key) {
  return key.starts_with("pkcs11:");
}

base::Sha384 key_digest(const tenants::Located<std::string>& key) {
  const std::string path = tenants::path_beside(key);
  const base::PublicKey known = in_token(key.value)
                                    ? open_signer(key.value)->public_key()
                                    : base::PublicKey::from_pem(base::read_file(path, largest_key_file), path);
  return measurement::id_key_digest(base::p384_point(known));
}

/// The private key given by a flag, else that of the URI in the tenant's file; nullptr when there is neither.
std::unique_ptr<base::Signer> signer_of(const std::optional<std::string>& given,
                                        const std::optional<tenants::Located<std::string>>& named) {
  if (given) return open_signer(*given);
  return named && in_token(named->value) ? open_signer(named->value) : nullptr;
}

/// Where the authentication of a block by these keys is kept: signatures may be others each time, one is enough.
std::string kept_file(const IdBlock& block, const base::Signer& id, const base::Signer* author) {
  base::Buffer content = measurement::id_block_bytes(block);
  for (const base::Signer* const signer : {&id, author}) {
    if (signer == nullptr) continue;
    const base::Buffer key = measurement::id_key_bytes(base::p384_point(signer->public_key()));
    content.insert(content.end(), key.begin(), key.end());
  }
  return provisioner::default_cache_directory() + "/id-auth/" + base::sha256(content).hex() + ".auth";
}

IdAuthentication authenticate_once(const IdBlock& block, const base::Signer& id, const base::Signer* author) {
  const std::string path = kept_file(block, id, author);
  if (auto kept = kept_authentication(path, block, id, author)) return std::move(*kept);
  IdAuthentication made = measurement::authenticate(block, id, author);
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  try {
    if (!failed) base::write_file_atomically(path, measurement::id_authentication_bytes(made), 0644);
  } catch (const Error&) {
    // Without it the next approval only has another signature.
  }
  return made;
}

}  // namespace

const tenants::Owner* id_block_owner(const tenants::Tenant& tenant) {
  if (tenant.tee.value != base::Tee::snp) return nullptr;
  const auto found =
      std::ranges::find_if(tenant.owners, [](const tenants::Owner& owner) { return owner.id_key.has_value(); });
  return found == tenant.owners.end() ? nullptr : &*found;
}

std::optional<measurement::SnpIdentity> snp_identity(const tenants::Tenant& tenant) {
  const tenants::Owner* const owner = id_block_owner(tenant);
  if (owner == nullptr) return std::nullopt;
  measurement::SnpIdentity identity;
  identity.family_id = guest_identifier("launchPolicy.familyId", tenant.launch_policy.family_id);
  identity.image_id = guest_identifier("launchPolicy.imageId", tenant.launch_policy.image_id);
  identity.id_key_digest = key_digest(*owner->id_key);
  if (owner->author_key) identity.author_key_digest = key_digest(*owner->author_key);
  return identity;
}

provisioner::IdBlocks signed_id_blocks(const tenants::Tenant& tenant, const provisioner::Intent& intent,
                                       const IdSigningKeys& keys, const base::Envelope& so_far) {
  if (!so_far.payload.empty()) return provisioner::approved_id_blocks(so_far);
  const auto wanted = id_blocks_to_sign(intent);
  const tenants::Owner* const owner = id_block_owner(tenant);
  if (wanted.empty() || owner == nullptr) {
    if (keys.id || keys.author)
      throw Error(Kind::usage, "--id-key, --author-key: this tenant's guests are launched without an ID block");
    return {};
  }
  const auto id = signer_of(keys.id, owner->id_key), author = signer_of(keys.author, owner->author_key);
  if (!id || (owner->author_key && !author))
    throw Error(Kind::failure, "the guests' ID blocks are not signed yet: owner '" + owner->name.value +
                                   "' approves first, with --id-key" + (owner->author_key ? " and --author-key" : ""));
  provisioner::IdBlocks blocks;
  for (const auto& [pool, block] : wanted) blocks[pool] = {block, authenticate_once(block, *id, author.get())};
  return blocks;
}

}  // namespace cli
