// Medians of verifying one TDX quote, one a line: "NAME MICROSECONDS". tests/bench/verify-tdx compares them.
// usage: verify_tdx_bench TIME QUOTE COLLATERAL..
#include <iostream>

#include "attestation/intel_root.h"
#include "attestation/verify_tdx.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "tests/bench/median.h"

namespace {

attestation::TdxCollateral read_collateral(int count, char** files) {
  attestation::TdxCollateral collateral;
  for (int i = 0; i < count; ++i)
    attestation::add_tdx_collateral(collateral, base::MappedFile(files[i]).bytes(), files[i]);
  return collateral;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: verify_tdx_bench TIME QUOTE COLLATERAL..\n";
    return 64;
  }
  const attestation::TdxRequest request{.roots = {attestation::intel_sgx_root()},
                                        .time = base::parse_utc(argv[1]).value()};
  const base::MappedFile file(argv[2]);
  const measurement::TdQuote quote = measurement::parse_td_quote(file.bytes());
  const attestation::TdxCollateral collateral = read_collateral(argc - 3, argv + 3);
  const attestation::JudgedPlatform platform = attestation::judge_platform(quote, collateral, request);
  if (!attestation::verify_tdx(quote, platform).genuine) {
    std::cerr << "the quote is not genuine\n";
    return 5;
  }
  bench::print_median("one-signature", 3000,
                      [&] { (void)platform.pck->verifies_es256(quote.qe_report_bytes, quote.qe_report_signature); });
  bench::print_median("quote", 2000,
                      [&] { attestation::verify_tdx(measurement::parse_td_quote(file.bytes()), platform); });
  bench::print_median("platform-and-quote", 300,
                      [&] { attestation::verify_tdx(quote, attestation::judge_platform(quote, collateral, request)); });
  bench::print_median("everything", 300, [&] {
    const attestation::TdxCollateral read = read_collateral(argc - 3, argv + 3);
    attestation::verify_tdx(quote, attestation::judge_platform(quote, read, request));
  });
  return 0;
}
