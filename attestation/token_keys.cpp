#include "attestation/token_keys.h"

#include <algorithm>

#include "attestation/wire/tee_key.h"
#include "base/certificate.h"
#include "base/certificate_chain.h"
#include "base/error.h"

namespace attestation {
namespace {

/// What a sealed key is bound to.
base::Buffer binding(base::Bytes public_key) {
  return base::buffer_of(base::bytes_of("token-key/" + base::sha256(public_key).hex()));
}

base::PrivateKey opened(const StoredTokenKey& stored, base::Bytes storage_key) {
  const base::Secret pem = base::open_aes256_gcm(storage_key, *stored.sealed, binding(stored.public_key));
  return base::PrivateKey::from_pem(base::text_of(pem.view()), "stored token key");
}

}  // namespace

TokenKeys::TokenKeys(Store& store, base::Bytes storage_key, TokenIssuer bundle, std::int64_t now_ms)
    : store_(store),
      storage_key_(base::buffer_of(storage_key)),
      current_(std::move(bundle)),
      known_(store.token_keys()) {
  const base::Buffer key = current_.key.public_key().der();
  const auto is_bundles = [&](const StoredTokenKey& one) { return one.public_key == key; };
  const bool known = std::ranges::any_of(known_, is_bundles);
  if (known && known_.back().sealed) {
    current_.key = opened(known_.back(), storage_key_.view());
    current_.chain = known_.back().chain;
  } else if (!known || !is_bundles(known_.back())) {
    put(current_, std::nullopt, now_ms);  // a first or a new bundle, or an old one again: no other key is at hand
  }
}

std::string TokenKeys::id() const {
  return wire::key_thumbprint(current_.key.public_key().p256_point());
}

void TokenKeys::put(const TokenIssuer& issuer, std::optional<base::SealedBox> sealed, std::int64_t now_ms) {
  store_.put_token_key({issuer.key.public_key().der(), issuer.chain, std::move(sealed), std::nullopt}, now_ms);
  known_ = store_.token_keys();
}

void TokenKeys::rotate(const base::PrivateKey& key, std::string chain, std::int64_t now_ms) {
  const base::Buffer public_key = key.public_key().der();
  const auto same = [&](const StoredTokenKey& one) { return one.public_key == public_key; };
  if (std::ranges::any_of(known_, same)) throw base::Error(base::Kind::failure, "token key: it was one before");
  const TokenIssuer next{key, current_.url, std::move(chain)};
  put(next, base::seal_aes256_gcm(storage_key_.view(), key.pem().view(), binding(public_key)), now_ms);
  current_ = next;
}

std::vector<PublishedKey> TokenKeys::published(std::int64_t now_ms) const {
  std::vector<PublishedKey> keys{{current_.key.public_key(), current_.chain}};
  for (const StoredTokenKey& one : known_) {
    if (!one.retired_ms || now_ms >= *one.retired_ms + 1000 * token_seconds) continue;
    keys.push_back({base::PublicKey::from_der(one.public_key, "stored token key"), one.chain});
  }
  return keys;
}

std::optional<TokenClaims> TokenKeys::accepted(std::string_view token, std::string_view tenant,
                                               std::int64_t now_ms) const {
  for (const PublishedKey& one : published(now_ms)) {
    auto claims = accepted_token(token, one.key, current_.url, tenant, now_ms / 1000);
    if (claims) return claims;
  }
  return std::nullopt;
}

std::optional<std::string> token_certificate_problem(const std::string& certificate, const std::string& ca,
                                                     const base::PublicKey& key, std::int64_t now) {
  if (base::certificate_key(certificate, "tokenCertificate").der() != key.der()) return "is another key's";
  const base::X509Objects leaf = base::parse_x509(base::bytes_of(certificate), "tokenCertificate");
  base::ChainRequest request{.roots = base::parse_x509(base::bytes_of(ca), "the tenant's CA").certificates,
                             .time = now};
  const base::ChainVerdict verdict = base::verify_chain(leaf.certificates.at(0), request);
  return verdict.good() ? std::nullopt : std::optional(verdict.findings.front().text);
}

}  // namespace attestation
