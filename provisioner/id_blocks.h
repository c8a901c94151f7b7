#pragma once
#include <map>
#include <string>

#include "base/dsse.h"
#include "measurement/signed_id_block.h"
#include "provisioner/intent.h"
#include "provisioner/launch_security_xml.h"

/// The ID blocks of a tenant's SNP guests. What a block says follows from the intent; its signature is in the approval.
namespace provisioner {

/// Guests of a pool are launched alike, so one ID block is for all of them.
using IdBlocks = std::map<base::Pool, measurement::SignedIdBlock>;

/// What a guest's reference values say of its ID block; nullopt when it is launched without one.
/// @throws Error{malformed} when the reference values are none
std::optional<measurement::SnpReferenceValues> values_with_id_block(const GuestIntent& guest);

/// What the owner's ID key has to sign: one block for each pool whose guests have one.
std::map<base::Pool, measurement::IdBlock> id_blocks_to_sign(const Intent& intent);

/// The member "idBlocks" of an approval: {"control": {"idBlock","idAuth"}, "worker": {..}}
base::Json id_blocks_json(const IdBlocks& blocks);
/// Those of an approval's payload; none when it has no such member. @throws Error{malformed}
IdBlocks approved_id_blocks(const base::Envelope& approval);

/// @throws Error{failure} naming, for each guest, what keeps its pool's ID block from being the one its launch needs:
/// missing, another digest or policy, other keys, a signature that is not genuine; and blocks nobody asked for
void refuse_other_id_blocks(const Intent& intent, const IdBlocks& blocks);

/// The authentications in an approval (DSSE text; "" has none), by what they authenticate. @throws Error{malformed}
IdAuthentications id_authentications(std::string_view approval);

}  // namespace provisioner
