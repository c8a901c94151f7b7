#include "cli/keys_seal.h"

#include <algorithm>

#include "base/error.h"
#include "base/posix_files.h"
#include "kms/sealed_secret.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;

/// What was typed makes no sense, so it is the command line's fault and no document's.
template <typename Check>
auto of_command_line(const Check& check) {
  try {
    return check();
  } catch (const Error& error) {
    throw Error(Kind::usage, error.what());
  }
}

std::string text_of(const std::vector<unsigned>& pcrs) {
  std::string text;
  for (const unsigned pcr : pcrs) text += (text.empty() ? "" : ",") + std::to_string(pcr);
  return text;
}

}  // namespace

int seal_file(const SealOptions& options, Console& console) {
  std::vector<unsigned> pcrs = options.pcrs;
  std::ranges::sort(pcrs);
  const std::string address = of_command_line([&] {
    kms::check_sealing_pcrs(pcrs, "--pcrs");
    return kms::tpm_address(options.tpm, "--tpm");
  });
  const base::Secret secret = base::read_secret_file(options.file);
  kms::expect_not_sealed(secret, options.file, "it is not sealed again");
  const auto tpm = kms::load_sealing_tpm(address);
  const std::string text = kms::sealed_to(*tpm, secret, pcrs).text();
  const base::Secret opened = kms::opened_with(*tpm, kms::parse_tpm_sealed(text, options.out), options.out);
  if (!base::equal_in_constant_time(opened.view(), secret.view()))
    throw Error(Kind::failure, options.out + ": the TPM opened something else than was sealed");
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(text))));
  console.out << options.out << " (mode 0600): sealed to the TPM at " << address
              << (pcrs.empty() ? "" : " while its PCR " + text_of(pcrs) + " are what they are now") << "\n  "
              << options.file
              << " is still there, in the clear: keep it offline, or in a backup of your own, and shred it "
              << "here. Without it a dead or cleared TPM" << (pcrs.empty() ? "" : ", or another firmware,")
              << " is the end of the secret\n";
  return 0;
}

int unseal_file(const UnsealOptions& options, Console& console) {
  const std::string address = of_command_line([&] { return kms::tpm_address(options.tpm, "--tpm"); });
  const base::Secret sealed = base::read_secret_file(options.sealed);
  const auto file = kms::parse_tpm_sealed(base::text_of(sealed.view()), options.sealed);
  base::write_new_secret_file(options.out, kms::opened_with(*kms::load_sealing_tpm(address), file, options.sealed));
  console.out << options.out << " (mode 0600): the secret in the clear\n";
  return 0;
}

}  // namespace cli
