#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/certificate_chain.h"
#include "base/openssl_x509.h"
#include "base/utc_time.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

constexpr std::size_t longest_chain = 8, most_signatures = 64;
constexpr int security_level = 2;  // 112 bits

X509* raw(const X509Certificate& certificate) {
  return certificate.state().certificate.get();
}

bool same(const X509Certificate& a, const X509Certificate& b) {
  return std::ranges::equal(a.der(), b.der());
}

bool issued_by_name(const X509* subject, const X509* issuer) {
  return X509_NAME_cmp(X509_get_issuer_name(subject), X509_get_subject_name(issuer)) == 0;
}

bool self_issued(const X509* certificate) {
  return issued_by_name(certificate, certificate);
}

bool has_name(const X509RevocationList& list, const X509Certificate& issuer) {
  return X509_NAME_cmp(X509_CRL_get_issuer(list.state().list.get()), X509_get_subject_name(raw(issuer))) == 0;
}

/// What a look for an issuer found.
struct Issuer {
  const X509Certificate* certificate = nullptr;
  bool name_known = false;  ///< somebody has the name
};

/// One verification: what is asked, what was found.
class Verification {
 public:
  Verification(const X509Certificate& leaf, const ChainRequest& request) : request_(request) {
    verdict_.chain.push_back(leaf);
  }

  ChainVerdict run() {
    const bool anchored = build();
    for (std::size_t at = 0; at < verdict_.chain.size(); ++at) check_time(at);
    if (anchored) check_as_openssl_does();
    for (std::size_t at = 0; at + 1 < verdict_.chain.size(); ++at) check_revocation(at);
    std::ranges::stable_sort(verdict_.findings, {}, &ChainFinding::certificate);
    return std::move(verdict_);
  }

 private:
  void find(ChainProblem problem, std::size_t at, const std::string& what) {
    verdict_.findings.push_back({problem, at, verdict_.chain[at].subject() + ": " + what});
  }

  [[nodiscard]] bool is_root(const X509Certificate& certificate) const {
    return std::ranges::any_of(request_.roots, [&](const X509Certificate& root) { return same(root, certificate); });
  }

  /// Goes up to a root. @returns whether it got there
  bool build() {
    while (!is_root(verdict_.chain.back())) {
      const std::size_t at = verdict_.chain.size() - 1;
      if (verdict_.chain.size() == longest_chain) {
        find(ChainProblem::too_long, at, "no root within 8 certificates");
        return false;
      }
      const Issuer issuer = issuer_of(verdict_.chain.back());
      if (issuer.certificate == nullptr) {
        find_no_issuer(at, issuer.name_known);
        return false;
      }
      verdict_.chain.push_back(*issuer.certificate);
    }
    return true;
  }

  Issuer issuer_of(const X509Certificate& subject) {
    Issuer issuer;
    for (const auto* pool : {&request_.roots, &request_.others}) {
      for (const X509Certificate& candidate : *pool) {
        if (!issued_by_name(raw(subject), raw(candidate)) || same(subject, candidate)) continue;
        issuer.name_known = true;
        if (signatures_++ == most_signatures) return issuer;
        EVP_PKEY* const key = X509_get0_pubkey(raw(candidate));
        const bool signed_by = key != nullptr && X509_verify(raw(subject), key) == 1;
        ERR_clear_error();
        if (!signed_by) continue;
        issuer.certificate = &candidate;
        return issuer;
      }
    }
    return issuer;
  }

  void find_no_issuer(std::size_t at, bool name_known) {
    const X509Certificate& last = verdict_.chain[at];
    if (self_issued(raw(last)))
      find(ChainProblem::untrusted_root, at, "is no root that is pinned; its SHA-256 is " + last.fingerprint().hex());
    else if (name_known)
      find(ChainProblem::bad_signature, at, "the key of " + last.issuer() + " does not verify its signature");
    else
      find(ChainProblem::unknown_issuer, at, "no certificate of its issuer, " + last.issuer());
  }

  void check_time(std::size_t at) {
    const X509Certificate& certificate = verdict_.chain[at];
    if (request_.time > certificate.not_after())
      find(ChainProblem::expired, at,
           "expired at " + utc_text(certificate.not_after()) + ", asked for " + utc_text(request_.time));
    if (request_.time < certificate.not_before())
      find(ChainProblem::not_yet_valid, at,
           "not valid before " + utc_text(certificate.not_before()) + ", asked for " + utc_text(request_.time));
  }

  /// Everything but time and revocation. OpenSSL builds the chain again, by names; where an intermediate shares a name
  /// with the root it may end in another one, and then refuses a chain that is good.
  void check_as_openssl_does() {
    for (std::size_t at = 1; at < verdict_.chain.size(); ++at)
      if (X509_check_ca(raw(verdict_.chain[at])) != 1) find(ChainProblem::not_a_ca, at, "is no CA's certificate");
    const Handle<X509_STORE> store{X509_STORE_new()};
    const Handle<X509_STORE_CTX> context{X509_STORE_CTX_new()};
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> middle{
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }};
    for (std::size_t at = 1; at + 1 < verdict_.chain.size(); ++at)
      expect(sk_X509_push(middle.get(), raw(verdict_.chain[at])) > 0, "gather a chain");
    expect(X509_STORE_add_cert(store.get(), raw(verdict_.chain.back())) == 1 &&
               X509_STORE_CTX_init(context.get(), store.get(), raw(verdict_.chain.front()), middle.get()) == 1,
           "start a chain's verification");
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
    X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
    X509_STORE_CTX_set_app_data(context.get(), this);
    X509_STORE_CTX_set_verify_cb(context.get(), [](int ok, X509_STORE_CTX* at_error) {
      if (ok != 1) static_cast<Verification*>(X509_STORE_CTX_get_app_data(at_error))->openssl_found(at_error);
      return 1;  // go on, to find all
    });
    const bool good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    if (!good && verdict_.good()) find(ChainProblem::unacceptable, 0, "OpenSSL cannot verify its chain");
  }

  void openssl_found(X509_STORE_CTX* context) {
    const int error = X509_STORE_CTX_get_error(context);
    const auto depth = static_cast<std::size_t>(std::max(0, X509_STORE_CTX_get_error_depth(context)));
    const std::size_t at = std::min(depth, verdict_.chain.size() - 1);
    if (!verdict_.has(problem_of(error), at)) find(problem_of(error), at, X509_verify_cert_error_string(error));
  }

  static ChainProblem problem_of(int error) {
    switch (error) {
      case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return ChainProblem::bad_signature;
      case X509_V_ERR_INVALID_CA:
      case X509_V_ERR_INVALID_NON_CA:
      case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return ChainProblem::not_a_ca;
      default:
        return ChainProblem::unacceptable;
    }
  }

  /// The lists that the issuer of certificate `at` signed. @param named set when there are any with its name
  std::vector<const X509RevocationList*> lists_for(std::size_t at, bool& named) const {
    std::vector<const X509RevocationList*> lists;
    const X509Certificate& issuer = verdict_.chain[at + 1];
    for (const X509RevocationList& list : request_.revocation_lists) {
      named = named || has_name(list, issuer);
      if (issued_by(list, issuer)) lists.push_back(&list);
    }
    return lists;
  }

  void check_revocation(std::size_t at) {
    bool named = false;
    const auto lists = lists_for(at, named);
    if (lists.empty()) {
      verdict_.without_revocation_list.push_back(at);
      if (named)
        find(ChainProblem::crl_bad_signature, at, "no revocation list of its issuer verifies");
      else if (request_.demand == RevocationDemand::every_certificate ||
               (request_.demand == RevocationDemand::intermediates && at > 0))
        find(ChainProblem::crl_missing, at, "no revocation list of its issuer, " + verdict_.chain[at].issuer());
      return;
    }
    for (const X509RevocationList* list : lists) check_against(*list, at);
    check_freshness(lists, at);
  }

  void check_against(const X509RevocationList& list, std::size_t at) {
    X509_CRL* const crl = list.state().list.get();
    if (X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0)
      find(ChainProblem::crl_unsupported, at, "the revocation list of its issuer has a critical extension");
    X509_REVOKED* entry = nullptr;
    if (X509_CRL_get0_by_cert(crl, &entry, raw(verdict_.chain[at])) == 0 || verdict_.has(ChainProblem::revoked, at))
      return;
    find(ChainProblem::revoked, at, "revoked by the list of " + utc_text(list.this_update()));
  }

  void check_freshness(const std::vector<const X509RevocationList*>& lists, std::size_t at) {
    const X509RevocationList* newest = nullptr;
    for (const X509RevocationList* list : lists) {
      if (list->this_update() > request_.time) continue;
      if (newest == nullptr || list->this_update() > newest->this_update()) newest = list;
    }
    if (newest == nullptr)
      find(ChainProblem::crl_not_yet_valid, at,
           "the revocation list of its issuer is of " + utc_text(lists.front()->this_update()) + ", asked for " +
               utc_text(request_.time));
    else if (!newest->next_update() || request_.time > *newest->next_update())
      find(ChainProblem::crl_stale, at,
           "the revocation list of its issuer was to be replaced " +
               (newest->next_update() ? "by " + utc_text(*newest->next_update()) : std::string("at no stated time")) +
               ", asked for " + utc_text(request_.time));
  }

  const ChainRequest& request_;
  ChainVerdict verdict_;
  std::size_t signatures_ = 0;
};

}  // namespace

std::string_view chain_problem_name(ChainProblem problem) noexcept {
  constexpr std::string_view names[] = {
      "expired", "notYetValid",  "revoked",    "unknownIssuer", "badSignature",   "untrustedRoot",   "notACa",
      "tooLong", "unacceptable", "crlMissing", "crlStale",      "crlNotYetValid", "crlBadSignature", "crlUnsupported"};
  return names[static_cast<std::size_t>(problem)];
}

bool ChainVerdict::has(ChainProblem problem) const noexcept {
  return std::ranges::any_of(findings, [&](const ChainFinding& finding) { return finding.problem == problem; });
}

bool ChainVerdict::has(ChainProblem problem, std::size_t certificate) const noexcept {
  return std::ranges::any_of(findings, [&](const ChainFinding& finding) {
    return finding.problem == problem && finding.certificate == certificate;
  });
}

bool issued_by(const X509RevocationList& list, const X509Certificate& issuer) {
  const bool may_sign = (X509_get_key_usage(raw(issuer)) & KU_CRL_SIGN) != 0;  // all bits without the extension
  EVP_PKEY* const key = X509_get0_pubkey(raw(issuer));
  const bool signed_by =
      has_name(list, issuer) && may_sign && key != nullptr && X509_CRL_verify(list.state().list.get(), key) == 1;
  ERR_clear_error();
  return signed_by;
}

ChainVerdict verify_chain(const X509Certificate& leaf, const ChainRequest& request) {
  return Verification(leaf, request).run();
}

}  // namespace base
