#pragma once
#include "attestation/wire/snp_evidence.h"

namespace attestation {

/// A report in any of the forms in which tools keep one, with the certificates that some of them bring:
///  - 1184 bytes, or their hexadecimal text (blanks and line ends ignored);
///  - the same with the host's certificate table right after it (an extended report);
///  - the firmware's MSG_REPORT_RSP, status, size and 24 reserved bytes before the report, zeros after it;
///  - KBS evidence, the JSON of wire/snp_evidence.h, itself or as "primary_evidence".
/// Source: AMD 56860 (SEV-SNP firmware ABI), MSG_REPORT_RSP; Linux Documentation/virt/coco/sev-guest.rst
/// @throws base::Error{malformed} when it is none of these, or a response whose status is not 0
wire::SnpEvidence read_snp_evidence(base::Bytes file);

}  // namespace attestation
