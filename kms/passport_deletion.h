#pragma once
#include <cstdint>
#include <string>

#include "base/units.h"
#include "kms/place.h"

/// How an owner ends keys of the passport model for ever, at her OpenBao: commands of `bao`, for sh(1). Guests may not.
/// Everything throws Error{malformed} for a place whose namespace or mount a tenant file cannot have.
namespace kms {

/// One version of the key of a volume.
std::string passport_deletion(const Place& place, const base::GuestId& guest, const std::string& volume,
                              std::uint32_t version);
/// Every key of every guest.
std::string passport_end(const Place& place);

}  // namespace kms
