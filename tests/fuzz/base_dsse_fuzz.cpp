// room: base
// DSSE envelopes and the encodings inside them.
#include "base/dsse.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::PublicKey key = base::PrivateKey::generate(base::PrivateKey::Type::ed25519).public_key();
  try {
    const base::Envelope envelope =
        base::Envelope::parse(std::string_view(reinterpret_cast<const char*>(data), size), "input");
    (void)base::signed_by(envelope, key);
  } catch (const base::Error&) {
  }
  return 0;
}
