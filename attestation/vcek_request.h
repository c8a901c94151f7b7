#pragma once
#include <string>

#include "attestation/snp_product.h"
#include "base/bytes.h"

/// Where AMD's key distribution service has what a site needs to verify a chip's reports. Nothing here fetches it.
/// Source: AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification", chapter 4
namespace attestation {

/// The certificate of a chip's key at this TCB. @param chip_id the report's 64 bytes; Turin asks by the first 8
std::string vcek_url(SnpProduct product, base::Bytes chip_id, const SnpTcb& tcb);
/// The list of revoked ASKs.
std::string revocation_list_url(SnpProduct product);

}  // namespace attestation
