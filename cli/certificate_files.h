#pragma once
#include <string>
#include <vector>

#include "base/x509.h"

namespace cli {

/// Certificates and revocation lists from files, each DER, PEM with any number, or the certificate table of an SNP
/// host; and from folders, of which every .der, .pem, .crt, .cer and .crl file is read, in the order of their
/// paths, also in folders below.
/// @throws base::Error{malformed} naming the file; Error{failure} when one cannot be read
base::X509Objects read_certificate_files(const std::vector<std::string>& paths);

/// The files behind those paths: files as they are, of folders those with such an ending and .json.
/// @throws base::Error{failure} when a folder cannot be read or has more than 4096 of them
std::vector<std::string> vendor_files(const std::vector<std::string>& paths);
inline constexpr std::size_t largest_vendor_file = 1U << 25U;

/// Adds what `from` has.
void append(base::X509Objects& to, const base::X509Objects& from);

}  // namespace cli
