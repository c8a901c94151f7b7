#pragma once
#include "attestation/approval.h"
#include "attestation/revocation.h"

/// Digests of evidence and of approvals under the same names, to say whom a refused guest resembles.
namespace attestation {

/// What evidence says: "sha256 PCR 4", "measurement", "RTMR1".. to lower-case hex.
using QuotedValues = std::map<std::string, std::string>;
/// What the approval allows for one guest, under the same names.
using ApprovedValues = std::map<std::string, std::set<std::string>>;
ApprovedValues approved_values(const ApprovedGuest& approved);

/// One sentence per value that is not an approved one: "RTMR1: wanted .., got .."; names the evidence lacks count too.
std::vector<std::string> value_problems(const QuotedValues& quoted, const ApprovedValues& approved);
/// "nearest known match: control/0, but for RTMR2": the guest of the approval with the fewest differing values, when it
/// has some in common with the evidence; else nullopt.
std::optional<std::string> nearest_match(const QuotedValues& quoted, const Approval& approval);

}  // namespace attestation
