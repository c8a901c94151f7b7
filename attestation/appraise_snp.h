#pragma once
#include "attestation/approval.h"
#include "attestation/known_values.h"
#include "attestation/snp_product.h"
#include "measurement/snp_report.h"

namespace attestation {

/// The launch digest and HOST_DATA under the names of known_values.h.
QuotedValues quoted_values(const measurement::SnpReport& report);

/// Compares a genuine report with an approved guest: launch digest, HOST_DATA, guest policy and SVN, VMPL, who signed
/// the ID block, the platform's settings, the TCB (reported, committed and at launch) and the chip.
/// @return every difference with got and wanted; empty when the guest is approved
/// Source: AMD 56860, sections 4.3 (guest policy) and 7.3 (report, PLATFORM_INFO)
std::vector<std::string> snp_problems(const measurement::SnpReport& report, std::optional<SnpProduct> product,
                                      const ApprovedGuest& approved);

/// What a revocation can name: the launch digest; the chip's id, as it stands in certificates (8 bytes on Turin).
RevocableFacts revocable_facts(const measurement::SnpReport& report, std::optional<SnpProduct> product,
                               const std::string& guest);

}  // namespace attestation
