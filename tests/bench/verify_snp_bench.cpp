// Medians of verifying one SNP report, one a line: "NAME MICROSECONDS". tests/bench/verify-snp compares them.
// usage: verify_snp_bench TIME REPORT VCEK
#include <algorithm>
#include <iostream>

#include "attestation/verify_snp.h"
#include "base/ecdsa_p384.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "tests/bench/median.h"

namespace {

base::Buffer signature_of(const measurement::SnpReport& parsed) {
  base::P384Signature numbers;
  std::ranges::reverse_copy(parsed.signature_r, numbers.r.begin());
  std::ranges::reverse_copy(parsed.signature_s, numbers.s.begin());
  return base::p384_signature_der(numbers);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: verify_snp_bench TIME REPORT VCEK\n";
    return 64;
  }
  attestation::VekContext context;
  context.time = base::parse_utc(argv[1]).value();
  const base::MappedFile file(argv[2]), certificate(argv[3]);
  const auto parsed = [&] { return base::parse_x509(certificate.bytes(), argv[3]).certificates.at(0); };
  const attestation::JudgedVek key = attestation::judge_vek(parsed(), context);
  if (!attestation::verify_snp(file.bytes(), &key, {}).genuine()) {
    std::cerr << "the report is not genuine\n";
    return 5;
  }
  const base::Buffer signature = signature_of(measurement::read_snp_report(file.bytes()));
  const base::Bytes signed_bytes = file.bytes().first(measurement::snp_report_signed_size);
  bench::print_median("one-signature", 2001, [&] { (void)key.key->verifies(signed_bytes, signature); });
  bench::print_median("report", 2001, [&] { attestation::verify_snp(file.bytes(), &key, {}); });
  bench::print_median("key-and-report", 501, [&] { attestation::verify_snp(file.bytes(), {parsed()}, context, {}); });
  return 0;
}
