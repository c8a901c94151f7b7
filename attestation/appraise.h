#pragma once
#include <string>

#include "attestation/approval.h"
#include "attestation/known_values.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"

/// Is the guest the one its owners approved?
namespace attestation {

/// Compares genuine evidence with an approved guest: initdata, PCR 8, the reference PCRs, and with a `bulkhead` member
/// the SHA-384 bank and the event log, which names the first event that differs.
/// @param evidence already found genuine (verify_tpm.h)
/// @param init_data the initdata document as sent; PCR 8 must hold the approved one whether it was sent or not
/// @return every difference with got and wanted; empty when the guest is approved
std::vector<std::string> approval_problems(const wire::TpmEvidence& evidence,
                                           const std::optional<wire::InitData>& init_data,
                                           const ApprovedGuest& approved);

/// What the event log says against the quoted PCRs and the approved events.
/// @return problems as above; a log that does not parse is one
std::vector<std::string> event_log_problems(const wire::TpmEvidence& evidence,
                                            const measurement::TpmReferenceValues& approved);

/// The registers of the banks sent, under the names of known_values.h.
QuotedValues quoted_values(const wire::TpmEvidence& evidence);

/// {"sha256":{"0":hex,..},"sha384":{..}} of the PCRs that evidence carries.
base::Json pcrs_json(const wire::TpmEvidence& evidence);

/// The digests by which an image can be revoked: PCR 0 to 7 and 9 of the banks sent and the events of PCR 4 and 9.
RevocableFacts revocable_facts(const wire::TpmEvidence& evidence, const std::string& guest);

}  // namespace attestation
