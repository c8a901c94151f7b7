#pragma once
#include <optional>

#include "attestation/amd_roots.h"
#include "attestation/intel_root.h"
#include "attestation/tdx_collateral.h"

/// What a site keeps of the vendors' certificates, lists and documents, so that verifying needs no network. The store
/// is a folder; here is what goes into it under which name, elsewhere (cli/certificates.h) the folder.
namespace attestation {

/// One file of a store.
struct StoredFile {
  /// "vcek", "vlek", "amdCertificate", "amdRevocationList", "intelCertificate", "intelRevocationList", "tdxDocuments"
  std::string kind;
  /// Below the store: "vcek/<chip id>/bl04_tee00_snp24_ucode219_vcek.der" as Trustee's offline store has them, for the
  /// others a folder a kind and names that follow from the content.
  std::string path;
  std::string subject;  ///< for people: whose it is
  /// From when to when it is of use, in seconds since the epoch: validity, or thisUpdate and nextUpdate.
  std::int64_t from = 0;
  std::optional<std::int64_t> until;
  base::Buffer content;
};

/// Under whom everything in a store must be.
struct StoreAnchors {
  const SnpAnchors* amd = &SnpAnchors::amd();
  const base::X509Certificate* intel = &intel_sgx_root();
};

/// What one file of a vendor's brings: a certificate or list in DER, PEM bundles, a host's certificate table, Intel's
/// documents. Certificates and lists become a file each, Intel's documents stay the file they are. AMD's and Intel's
/// roots and AMD's intermediates are left out: they are in the program. A store holds no certificate and no list that
/// could never be believed; Intel's documents are judged whenever they are used.
/// @param known certificates that may be issuers beside those in the file
/// @throws base::Error{malformed} when the file does not parse; base::Error{not_attested} when a certificate or list in
/// it is not under its vendor's root, whatever the time
std::vector<StoredFile> stored_files(base::Bytes file, std::string_view name, const StoreAnchors& anchors,
                                     const std::vector<base::X509Certificate>& known = {});

/// "vcek/<chip id>": where the VCEKs of a report's chip are. @param chip_id the report's 64 bytes, not masked
std::string vcek_folder(base::Bytes chip_id);

}  // namespace attestation
