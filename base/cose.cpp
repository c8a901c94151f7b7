#include "base/cose.h"

#include <algorithm>

#include "base/ecdsa_signature.h"
#include "base/error.h"

namespace base {
namespace {

constexpr std::uint64_t sign1_tag = 18;
constexpr int algorithm_label = 1;

struct Algorithm {
  std::string_view key;        ///< PublicKey::algorithm()
  std::int64_t id = 0;         ///< IANA, COSE algorithms
  std::size_t coordinate = 0;  ///< bytes of r and of s; 0 for EdDSA
};
constexpr Algorithm algorithms[] = {{"Ed25519", -8, 0}, {"EC P-256", -7, 32}, {"EC P-384", -35, 48}};

const Algorithm* algorithm_of(const PublicKey& key) {
  const std::string name = key.algorithm();
  const auto found =
      std::find_if(std::begin(algorithms), std::end(algorithms), [&](const auto& a) { return a.key == name; });
  return found == std::end(algorithms) ? nullptr : found;
}

/// What is signed: Sig_structure with no external data.
Buffer signed_bytes(const Buffer& header, Bytes payload) {
  return Cbor(Cbor::Array{"Signature1", header, Buffer{}, payload}).encoded();
}

}  // namespace

Cbor CoseSign1::item() const {
  return Cbor::tagged(sign1_tag, Cbor::Array{protected_header, Cbor::Map{}, payload, signature});
}

CoseSign1 CoseSign1::from_item(const Cbor& item) {
  const Cbor* const content = item.untagged(sign1_tag);
  if (content == nullptr) throw Error(Kind::malformed, "COSE_Sign1: wanted CBOR tag 18");
  const Cbor::Array& members = content->array();
  if (members.size() != 4)
    throw Error(Kind::malformed, "COSE_Sign1: got " + std::to_string(members.size()) + " members, wanted 4");
  (void)members[1].map();
  CoseSign1 signature{members[0].bytes(), members[2].bytes(), members[3].bytes()};
  (void)signature.header();
  return signature;
}

Cbor CoseSign1::header() const {
  Cbor header = Cbor::parse(protected_header, "COSE protected header");
  (void)header.map();
  return header;
}

bool CoseSign1::verifies(const PublicKey& key) const {
  const Algorithm* const algorithm = algorithm_of(key);
  const Cbor map = header();
  const Cbor* const named = map.find(algorithm_label);
  if (algorithm == nullptr || named == nullptr || *named != Cbor(algorithm->id)) return false;
  const Buffer message = signed_bytes(protected_header, payload);
  if (algorithm->coordinate == 0) return key.verifies(message, signature);
  return signature.size() == 2 * algorithm->coordinate && key.verifies(message, der_ecdsa_signature(signature));
}

CoseSign1 cose_sign1(Cbor::Map header, Bytes payload, const Signer& signer) {
  const PublicKey key = signer.public_key();
  const Algorithm* const algorithm = algorithm_of(key);
  if (algorithm == nullptr)
    throw Error(Kind::failure, "COSE: got a key of kind " + key.algorithm() + ", wanted Ed25519, EC P-256 or EC P-384");
  header.emplace_back(algorithm_label, algorithm->id);
  CoseSign1 made{Cbor(std::move(header)).encoded(), buffer_of(payload), {}};
  const Buffer signature = signer.sign(signed_bytes(made.protected_header, payload));
  made.signature = algorithm->coordinate == 0 ? signature : raw_ecdsa_signature(signature, algorithm->coordinate);
  return made;
}

}  // namespace base
