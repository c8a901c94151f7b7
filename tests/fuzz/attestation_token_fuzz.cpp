// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/token.h"

/// The input as a token, and as the claims of a token that the service itself signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const attestation::TokenIssuer issuer{base::PrivateKey::generate(base::PrivateKey::Type::p256),
                                               "https://10.20.255.1:8443", ""};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  attestation::accepted_token(text, issuer.key.public_key(), issuer.url, "acme", 1);
  const std::string message =
      base::base64url(base::bytes_of(std::string_view(R"({"alg":"ES256"})"))) + "." + base::base64url({data, size});
  const std::string token = message + "." + base::base64url(issuer.key.sign_es256(base::bytes_of(message)));
  const auto claims = attestation::accepted_token(token, issuer.key.public_key(), issuer.url, "acme", 1);
  if (claims && (claims->tenant != "acme" || claims->expires <= 1)) __builtin_trap();
  return 0;
}
