#include "attestation/signed_time.h"

#include "attestation/jws.h"
#include "attestation/wire/tee_key.h"

namespace attestation {

bool is_time_nonce(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.size() >= 16 && text.size() <= 64 && text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::string time_statement(const TokenIssuer& issuer, const std::string& nonce, std::int64_t now_ms) {
  const std::string kid = wire::key_thumbprint(issuer.key.public_key().p256_point());
  const base::Json header = base::Json::Object{{"alg", "ES256"}, {"typ", "bulkhead-time+jwt"}, {"kid", kid}};
  const base::Json payload = base::Json::Object{{"iss", issuer.url}, {"nonce", nonce}, {"time_ms", now_ms}};
  return signed_jws(issuer.key, header, payload);
}

}  // namespace attestation
