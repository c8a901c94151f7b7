#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/certificate.h"

namespace cli {

/// A tenant's CA as its owner signs with it.
struct TenantCa {
  std::string certificate;  ///< PEM
  std::unique_ptr<base::Signer> key;
};
/// @param certificate_file CA.pem
/// @param key as open_signer() takes it (cli/signers.h); "" for CA.key beside the certificate
/// @throws Error{failure} when a file cannot be read, others may read the key, or it is another CA's;
/// Error{malformed} when either is none
TenantCa open_tenant_ca(const std::string& certificate_file, const std::string& key);

/// For a certificate that is valid from now on. The five minutes before it are for clocks that differ.
base::CertificateRequest valid_from_now(const std::string& common_name, std::int64_t days);

}  // namespace cli
