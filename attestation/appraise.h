#pragma once
#include <string>

#include "attestation/approval.h"
#include "attestation/wire/tpm_evidence.h"

/// Is the guest the one its owners approved?
namespace attestation {

/// Compares genuine evidence with an approved guest: initdata, PCR 8, the reference PCRs of both banks, the event log.
/// @param evidence already found genuine (verify_tpm.h), with its `bulkhead` member
/// @param init_data the initdata document as sent
/// @return every difference with got and wanted, the first differing event named; empty when the guest is approved
std::vector<std::string> approval_problems(const wire::TpmEvidence& evidence, std::string_view init_data,
                                           const ApprovedGuest& approved);

/// What the event log says against the quoted PCRs and the approved events.
/// @return problems as above; a log that does not parse is one
std::vector<std::string> event_log_problems(const wire::TpmEvidence& evidence,
                                            const measurement::TpmReferenceValues& approved);

/// {"sha256":{"0":hex,..},"sha384":{..}} of the PCRs that evidence carries.
base::Json pcrs_json(const wire::TpmEvidence& evidence);

}  // namespace attestation
