#pragma once
#include <string>

#include "attestation/token.h"

/// The time for guests, whose own clock is the host's.
namespace attestation {

/// Whether the text is 16 to 64 characters of the base64url alphabet, as a guest makes them anew for each question.
bool is_time_nonce(std::string_view text);

/// A compact JWS (ES256, `typ` "bulkhead-time+jwt") over {"iss","nonce","time_ms"}: the time was `now_ms` (milliseconds
/// since the epoch) between the question and the answer.
std::string time_statement(const TokenIssuer& issuer, const std::string& nonce, std::int64_t now_ms);

}  // namespace attestation
