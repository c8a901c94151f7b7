#pragma once
#include "base/x509.h"

/// Is a certificate under one of these roots, and was it at this time? (openssl_certificate_chain.cpp)
namespace base {

enum class ChainProblem {
  expired,            ///< a certificate's time was over
  not_yet_valid,      ///< it had not begun
  revoked,            ///< its issuer's list names it
  unknown_issuer,     ///< nobody given has the issuer's name
  bad_signature,      ///< somebody has the issuer's name, but nobody's key verifies
  untrusted_root,     ///< the chain ends in a self-issued certificate that is none of the roots
  not_a_ca,           ///< an issuer may not issue, or not at this place
  too_long,           ///< no root within 8 certificates
  unacceptable,       ///< something else a verifier must refuse: an unknown critical extension, a weak key
  crl_missing,        ///< the request demands the issuer's revocation list, and there is none
  crl_stale,          ///< its nextUpdate is over, or it has none
  crl_not_yet_valid,  ///< its thisUpdate had not come
  crl_bad_signature,  ///< lists with the issuer's name are there, but the issuer signed none of them
  crl_unsupported,    ///< it has a critical extension, so it does not say what a plain list says
};
/// "expired", "notYetValid", "crlMissing".. as JSON documents have it.
std::string_view chain_problem_name(ChainProblem problem) noexcept;

struct ChainFinding {
  ChainProblem problem;
  std::size_t certificate;  ///< index in ChainVerdict::chain of the certificate the finding is about
  std::string text;         ///< one sentence with the certificate's subject
};

/// Which certificates' issuers must have a revocation list in the request. Lists that are there are used regardless.
/// A root has no issuer and is never looked up.
enum class RevocationDemand { none, intermediates, every_certificate };

struct ChainRequest {
  std::vector<X509Certificate> roots;   ///< pinned: the chain must end in exactly one of these (DER)
  std::vector<X509Certificate> others;  ///< may be issuers, whoever brought them
  std::vector<X509RevocationList> revocation_lists;
  std::int64_t time = 0;  ///< seconds since the epoch
  RevocationDemand demand = RevocationDemand::none;
};

struct ChainVerdict {
  std::vector<X509Certificate> chain;  ///< leaf first, as far as it goes; with a root last when it reached one
  std::vector<ChainFinding> findings;  ///< everything wrong, in the chain's order
  /// Indices of certificates whose issuer has no revocation list in the request: not known to be revoked or not.
  std::vector<std::size_t> without_revocation_list;
  [[nodiscard]] bool good() const noexcept { return findings.empty(); }
  [[nodiscard]] bool has(ChainProblem problem) const noexcept;
  [[nodiscard]] bool has(ChainProblem problem, std::size_t certificate) const noexcept;
};

/// Builds the chain by names and signatures and judges all of it at `request.time`. Signatures may be ECDSA, RSA
/// PKCS#1 and RSA-PSS of at least 112 bits of security (no SHA-1). When several lists of one issuer are given, the
/// newest of its lists decides about freshness, and a serial number in any of them is revoked (AMD publishes two).
/// Source: RFC 5280, sections 6.1 and 6.3, without policies and name constraints; AMD's certificates have no strictly
/// conforming authority key identifiers, so that is not asked for.
/// Never throws for what is wrong with a certificate.
ChainVerdict verify_chain(const X509Certificate& leaf, const ChainRequest& request);

/// Whether `issuer` signed the list, has its issuer's name and may sign lists. Whom to believe is not asked here.
bool issued_by(const X509RevocationList& list, const X509Certificate& issuer);

}  // namespace base
