// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/token.h"
#include "base/error.h"
#include "tests/fuzz/chosen_few.h"

namespace {

using Claims = std::optional<attestation::TokenClaims>;

/// Whatever was signed, no other tenant's claims come out of it, and none that are not valid now.
void expect_ours(const Claims& claims) {
  if (claims && (claims->tenant != "acme" || claims->expires <= 1 || claims->issued > 1)) __builtin_trap();
}

}  // namespace

/// The input as a token, as the claims of a token that the service itself signed, and as what was signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const attestation::TokenIssuer issuer{base::PrivateKey::generate(base::PrivateKey::Type::p256),
                                               "https://10.20.255.1:8443", ""};
  static const base::PublicKey key = issuer.key.public_key();
  static const std::string header = base::base64url(base::bytes_of(std::string_view(R"({"alg":"ES256"})"))) + ".";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  attestation::accepted_token(text, key, issuer.url, "acme", 1);
  const std::string message = header + base::base64url({data, size});
  Claims claims;
  for (const std::string_view one : {std::string_view(message), text}) {
    try {
      const Claims found = attestation::claims_of_signed(one, issuer.url, "acme", 1);
      expect_ours(found);
      if (one == message) claims = found;
    } catch (const base::Error&) {  // the expected answer to bad input
    }
  }
  if (!fuzz::is_one_of_few({data, size})) return 0;  // signing takes a hundred times as long as all of that
  const std::string token = message + "." + base::base64url(issuer.key.sign_es256(base::bytes_of(message)));
  const Claims accepted = attestation::accepted_token(token, key, issuer.url, "acme", 1);
  if (accepted.has_value() != claims.has_value()) __builtin_trap();
  expect_ours(accepted);
  return 0;
}
