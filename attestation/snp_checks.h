#pragma once
#include "attestation/verify_snp.h"

/// The checks of verify_snp(), one question each. `key` may be nullptr: then what needs it is not checked.
namespace attestation::snp_checks {

Check reserved_bits(const measurement::SnpReport& report);
Check signature_algorithm(const measurement::SnpReport& report);
Check signing_key(const measurement::SnpReport& report);
Check chip_key(const measurement::SnpReport& report);
Check product(const measurement::SnpReport& report, const JudgedVek* key, const SnpExpectation& expected);
Check certificate(const measurement::SnpReport& report, const JudgedVek* key);
Check chain(const JudgedVek* key);
Check validity(const JudgedVek* key);
Check revocation(const JudgedVek* key);
Check tcb(const measurement::SnpReport& report, const JudgedVek* key);
Check chip_id(const measurement::SnpReport& report, const JudgedVek* key);
Check chip_id_disclosed(const measurement::SnpReport& report);
Check signature(base::Bytes bytes, const measurement::SnpReport& report, const JudgedVek* key);
Check version(const measurement::SnpReport& report, std::uint32_t minimum);
Check report_data(const measurement::SnpReport& report, const std::array<std::uint8_t, 64>& expected);

}  // namespace attestation::snp_checks
