#include "cli/kms_keys.h"

#include "base/error.h"
#include "cli/key_report.h"
#include "kms/key_name.h"

namespace cli {
namespace {

/// @throws Error{usage} for what cannot be a key's name
attestation::KeyNames names_of(const KeyOptions& options) {
  try {
    for (const std::string& name : options.keys) static_cast<void>(kms::KeyName::parse(name));
  } catch (const base::Error& problem) {
    throw base::Error(base::Kind::usage, problem.what());
  }
  return options.all ? std::nullopt : attestation::KeyNames(options.keys);
}

int shown(const KeyOptions& options, const std::vector<attestation::KeyStanding>& keys, Console& console) {
  for (const attestation::KeyStanding& key : keys) {
    console.out << options.tenant << ": key " << key_text(key) << "\n";
  }
  if (keys.empty()) console.out << options.tenant << ": no key to do this to\n";
  return 0;
}

}  // namespace

int rotate_keys(const KeyOptions& options, Console& console) {
  const attestation::KeyNames names = names_of(options);
  const auto service = open_service(options.service, options.tenant);
  if (options.abandon) return shown(options, service->abandon_rotations(names), console);
  const std::vector<attestation::KeyStanding> rotating = service->rotate_keys(names);
  shown(options, rotating, console);
  if (!rotating.empty()) {
    console.out << "each guest adds the new key to its volume at its next attestation, and the service then erases the "
                   "old one; `bulkhead status` shows when\n";
  }
  return 0;
}

int settle_keys(const KeyOptions& options, Console& console) {
  return shown(options, open_service(options.service, options.tenant)->settle_keys(), console);
}

}  // namespace cli
