#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "measurement/id_block.h"
#include "measurement/measure.h"

namespace measurement {

/// An ID block and its authentication, as an approval carries them for the guests of one pool.
struct SignedIdBlock {
  IdBlock block;
  IdAuthentication authentication;
  bool operator==(const SignedIdBlock&) const = default;
};

/// {"idBlock": base64 of 96 bytes, "idAuth": base64 of 4096 bytes}
base::Json signed_id_block_json(const SignedIdBlock& made);
/// The inverse; whether the signatures are genuine is id_block_problems()' question.
/// @throws base::Error{malformed} for unknown or missing members, no base64, and as parse_id_block() and
/// parse_id_authentication()
SignedIdBlock parse_signed_id_block(const base::Json& json);

/// The ID block that guests with these reference values are launched with. @pre values.identity
IdBlock id_block_of(const SnpReferenceValues& values);

/// What keeps an ID block from being the one a guest's launch needs, field by field with got and wanted: other content,
/// other keys, or a signature that is not genuine. Empty when it is the one.
/// @pre wanted.identity
std::vector<std::string> id_block_problems(const SignedIdBlock& made, const SnpReferenceValues& wanted);

/// Whether an authentication made earlier is a genuine one of `block` by these keys.
bool authenticates(const IdAuthentication& authentication, const IdBlock& block, const base::P384Point& id,
                   const std::optional<base::P384Point>& author);

}  // namespace measurement
