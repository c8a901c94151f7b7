#pragma once
#include "base/x509.h"

namespace attestation {

/// The certificate table that a host hands its guest with an extended report: entries {GUID, offset, length} up to one
/// of zeros, then the certificates in DER.
/// Source: AMD 56421 (GHCB), SNP Extended Guest Request; AMDESE/sev-guest, cert-table.c (order of a GUID's bytes)
struct SnpCertificateEntry {
  std::string guid;  ///< "63da758d-e664-4564-adc5-f4b93be8accd"
  std::string kind;  ///< "VCEK", "VLEK", "ASK", "ARK", "CRL", or the GUID when it is none of these
  base::Bytes data;  ///< within the table
};

/// @throws base::Error{malformed}: no end of the entries, more than 64 of them, data out of the table
std::vector<SnpCertificateEntry> read_snp_certificate_table(base::Bytes table);

/// What of the table is certificates and revocation lists; entries of other GUIDs and empty ones are skipped.
/// @throws base::Error{malformed} also when an entry of a known GUID does not parse
base::X509Objects snp_table_objects(base::Bytes table);

/// Whether the bytes begin with an entry of a GUID that is known here.
bool is_snp_certificate_table(base::Bytes bytes);

}  // namespace attestation
