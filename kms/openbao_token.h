#pragma once
#include <memory>

#include "kms/credential.h"
#include "kms/openbao_client.h"

namespace kms {

/// What the server says of the token that the client asks with.
OpenBaoTokenFacts look_at_token(OpenBaoClient& client);

/// That token as a credential. A client that logs in has a new one when the old one ends, and needs none of this.
std::unique_ptr<Credential> make_openbao_token(std::shared_ptr<OpenBaoClient> client);

}  // namespace kms
