#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/dsse.h"
#include "kms/key_name.h"
#include "kms/release_policy.h"
#include "provisioner/id_blocks.h"

namespace provisioner {

/// The payload owners sign for an intent (`bulkhead.approval/v1`, compact JSON): its digest, every guest's initdata
/// digest, reference values, volumes and demands on the hardware, and the signed ID blocks of SNP guests.
/// @param not_after seconds since the epoch; nullopt for no last day
/// @throws Error{failure} when the intent is not resolved
std::string approval_payload(const Intent& intent, std::optional<std::int64_t> not_after,
                             const IdBlocks& id_blocks = {});

/// The keys that the tenant's service makes under that approval and whom it gives them to; none as long as the intent
/// is not resolved.
std::map<kms::KeyName, kms::ReleasePolicy> keys_of(const Intent& intent);

/// Signs an intent for one owner, or adds the signature to an envelope other owners have signed.
/// @throws Error{failure} when the key is no owner's, an ID block is not the one the intent's launches need, or the
/// envelope is for another intent or last day
void approve(base::Envelope& envelope, const Intent& intent, std::optional<std::int64_t> not_after,
             const base::Signer& signer, const IdBlocks& id_blocks = {});

/// The names of the owners whose signature is not (or not validly) there, in the tenant's order.
std::vector<std::string> missing_owners(const Intent& intent, const base::Envelope& envelope);

/// The last day an envelope names. @throws Error{malformed} when its payload is no approval
std::optional<std::int64_t> approval_not_after(const base::Envelope& envelope);

/// @throws Error{failure} unless the envelope approves exactly this intent, with ID blocks that its launches can be
/// held to, has not passed its last day and every owner has signed; names the missing owners or the difference
void refuse_unapproved(const Intent& intent, const base::Envelope& envelope, std::int64_t now);

}  // namespace provisioner
