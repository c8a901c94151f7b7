#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

#include "attestation/tls_peer.h"
#include "base/error.h"

namespace attestation {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

/// The certificate's only name, if that is a URI.
std::string only_uri(const X509* certificate) {
  const Handle<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1) return "";
  const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) return "";
  const ASN1_IA5STRING* const text = name->d.uniformResourceIdentifier;
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

}  // namespace

void ask_for_certificates(ssl_ctx_st* server, const std::string& ca) {
  const Handle<BIO> text(BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size())));
  const Handle<X509> certificate(text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate || X509_STORE_add_cert(SSL_CTX_get_cert_store(server), certificate.get()) != 1 ||
      SSL_CTX_add_client_CA(server, certificate.get()) != 1)
    throw base::Error(base::Kind::malformed, "the clients' CA: no PEM certificate");
  SSL_CTX_set_verify(server, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(server, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(server, 0);
}

std::string directly_certified_uri(ssl_st* connection) {
  constexpr int leaf_and_root = 2;
  const STACK_OF(X509)* const chain = SSL_get0_verified_chain(connection);
  if (SSL_get_verify_result(connection) != X509_V_OK || chain == nullptr || sk_X509_num(chain) != leaf_and_root)
    return "";
  return only_uri(sk_X509_value(chain, 0));
}

}  // namespace attestation
