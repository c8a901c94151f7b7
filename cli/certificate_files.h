#pragma once
#include <string>
#include <vector>

#include "base/x509.h"

namespace cli {

/// Certificates and revocation lists from files, each DER, PEM with any number, or the certificate table of an SNP
/// host; and from folders, of which every .der, .pem, .crt, .cer, .crl and .bin file is read, in the order of their
/// paths, also in folders below.
/// @throws base::Error{malformed} naming the file; Error{failure} when one cannot be read
base::X509Objects read_certificate_files(const std::vector<std::string>& paths);

/// Adds what `from` has.
void append(base::X509Objects& to, const base::X509Objects& from);

}  // namespace cli
