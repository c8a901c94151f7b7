#pragma once
#include <string>
#include <vector>

#include "base/signer.h"

/// X.509 for a tenant's own small PKI (openssl_certificate.cpp): one self-signed CA, service certificates under it.
/// The CA's key signs from wherever it is: a KeySigner has it in this process, a PKCS#11 token keeps it.
/// Every make_..() throws Error{failure} when `ca` is not the key of `ca_pem`, and whatever the signer throws.
namespace base {

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  ///< textual IPv4 or IPv6
  std::int64_t not_before = 0;            ///< seconds since the epoch
  std::int64_t not_after = 0;
  std::vector<std::string> uris{};
};

/// A self-signed CA certificate with room for one CA under it (pathlen 1, keyCertSign and cRLSign). @return PEM
std::string make_ca_certificate(const Signer& ca, const CertificateRequest& request);
/// A TLS server certificate for `subject_key`, signed by the CA. @return PEM
std::string make_server_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                    const CertificateRequest& request);
/// A certificate for a key that only signs documents, such as tokens: no TLS, no names but the common one. @return PEM
std::string make_signing_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                     const CertificateRequest& request);
/// A CA under the tenant's CA that may issue peer certificates and none that names an address (excluded name
/// constraints over all of IPv4 and IPv6), so none for a service that guests reach by address. @return PEM
std::string make_peer_ca_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                     const CertificateRequest& request);
/// A certificate for both ends of TLS, named by its URIs. @return PEM
std::string make_peer_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                  const CertificateRequest& request);
/// Whether a CA under this one is allowed. @throws Error{malformed} naming `name`
bool allows_ca_below(std::string_view ca_pem, std::string_view name);
/// nullopt when `leaf_pem` is a server certificate under exactly `ca_pem`, valid at `now`; else what is wrong.
std::optional<std::string> certificate_problem(std::string_view leaf_pem, std::string_view ca_pem, std::int64_t now);
/// SHA-256 of the certificate's DER. @throws Error{malformed} naming `name`
Sha256 certificate_fingerprint(std::string_view pem, std::string_view name);
PublicKey certificate_key(std::string_view pem, std::string_view name);

}  // namespace base
