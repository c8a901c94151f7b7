#pragma once
#include <string>

#include "base/x509.h"
#include "cli/keys_rotate.h"
#include "cli/tenant_ca.h"

/// What the next key of an owner has to do with the one before, whatever kind it is.
namespace cli {

/// The first certificate of a PEM text. @throws Error{malformed} naming `name`
base::X509Certificate certificate_in(std::string_view pem, const std::string& name);

/// The CA that the next one is made under. @throws Error{usage} when no flag names it
TenantCa ca_of_next(const RotateKeyOptions& options);
/// @param certificate of the old one, judged at the time when it was made
/// @throws Error{failure} when it is under another CA; Error{usage} when it is not, and the owner says so
void expect_under(const TenantCa& ca, const std::string& certificate, const RotateKeyOptions& options);

/// "  TLS key: 0123..\n    is followed by 4567..\n", by the fingerprints that `keys show` prints.
std::string followed(const std::string& what, const base::PublicKey& old, const base::PublicKey& next);
/// "  valid until ..\n": the end of the certificate or of the CA it is under.
std::string valid_until(const std::string& certificate, const TenantCa& ca);

/// keys_rotate_bundle.cpp
int rotate_bundle(const RotateKeyOptions& options, Console& console);

}  // namespace cli
