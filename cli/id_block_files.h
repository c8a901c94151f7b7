#pragma once
#include <optional>
#include <string>

#include "measurement/id_block.h"

namespace cli {

/// What one or two files hold: an ID block, an ID authentication or both.
struct IdBlockDocuments {
  std::optional<measurement::IdBlock> block;
  std::optional<measurement::IdAuthentication> authentication;
};

/// Adds what `path` holds, bytes or base64 text, told apart by the size.
/// @throws Error{malformed} for another size, fields that cannot be, or a second one of its kind
void read_id_block_file(const std::string& path, IdBlockDocuments& documents);

/// The authentication in the file `path` when it is a genuine one of `block` by the same keys: signatures may be others
/// each time, so one made earlier is kept. Nullopt when there is no such file or it holds something else.
std::optional<measurement::IdAuthentication> kept_authentication(const std::string& path,
                                                                 const measurement::IdBlock& block,
                                                                 const base::Signer& id, const base::Signer* author);

/// "--family-id" or "--image-id": 32 hexadecimal digits, or a text of at most 16 bytes, filled with zeros.
/// @throws Error{usage} naming `flag`
measurement::GuestIdentifier guest_identifier(const std::string& flag, const std::string& text);

/// The launch digest in the bulkhead.measurement/v1 document `path`. @param vcpus which, where it has several
/// @throws Error{malformed} for another document, Error{usage} when it has several digests or none for `vcpus`
measurement::LaunchDigest measured_launch_digest(const std::string& path, const std::optional<std::string>& vcpus);

}  // namespace cli
