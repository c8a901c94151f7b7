// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/destruction_statement.h"
#include "base/certificate.h"
#include "base/error.h"

/// The input as a statement, and as the payload of one whose header a service made.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using base::PrivateKey;
  static const PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  static const std::string ca =
      base::make_ca_certificate(base::KeySigner(ca_key), {"acme CA", {}, {}, 0, 4'000'000'000});
  static const std::string genuine = [] {
    attestation::TokenIssuer issuer{PrivateKey::generate(PrivateKey::Type::p256), "https://10.20.255.1:8443", ""};
    issuer.chain = base::make_signing_certificate(base::KeySigner(ca_key), ca, issuer.key.public_key(),
                                                  {attestation::token_key_name("acme"), {}, {}, 0, 4'000'000'000});
    return attestation::signed_destruction(issuer, {issuer.url, "acme", 1000, {"worker/0/data"}, ""});
  }();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string forged =
      genuine.substr(0, genuine.find('.') + 1) + base::base64url({data, size}) + genuine.substr(genuine.rfind('.'));
  for (const std::string_view text : {input, std::string_view(forged)}) {
    try {
      attestation::verified_destruction(text, ca, "statement");
      __builtin_trap();             // nobody else has the key
    } catch (const base::Error&) {  // the expected answer
    }
  }
  return 0;
}
