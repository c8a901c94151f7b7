#include "cli/kms_keys.h"

#include <algorithm>

#include "attestation/release_rules.h"
#include "base/error.h"
#include "cli/key_report.h"
#include "kms/key_name.h"
#include "kms/passport_deletion.h"

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

/// The command for the owner of a KMS that guests ask themselves. @param key "worker/0/data"
std::string deletion(const KeyOptions& options, const kms::Place& place, const std::string& key,
                     std::uint32_t version) {
  const std::size_t slash = kms::KeyName::parse(key).text().rfind('/');
  if (slash == std::string::npos) throw base::Error(base::Kind::malformed, "answer: key: got '" + key + "'");
  return kms::passport_deletion(place, attestation::guest_id(options.tenant, key.substr(0, slash)),
                                key.substr(slash + 1), version);
}

int abandon(const KeyOptions& options, attestation::AdminClient& service, const attestation::KeyNames& names,
            Console& console) {
  const attestation::ServiceState before = service.state();
  const std::vector<attestation::KeyStanding> abandoned = service.abandon_rotations(names);
  shown(options, abandoned, console);
  if (!before.passports || abandoned.empty()) return 0;
  console.out << "the new key, where a guest made it already, stays at its owner's KMS until she deletes it:\n";
  for (const attestation::KeyStanding& key : before.keys) {
    const bool is_abandoned = std::ranges::any_of(abandoned, [&](const auto& one) { return one.name == key.name; });
    if (is_abandoned && key.next != 0)
      console.out << "  " << deletion(options, *before.passports, key.name, key.next) << "\n";
  }
  return 0;
}

}  // namespace

int rotate_keys(const KeyOptions& options, Console& console) {
  const attestation::KeyNames names = names_of(options);
  const auto service = open_service(options.service, options.tenant);
  if (options.abandon) return abandon(options, *service, names, console);
  const std::vector<attestation::KeyStanding> rotating = service->rotate_keys(names);
  shown(options, rotating, console);
  if (rotating.empty()) return 0;
  const std::optional<kms::Place> passports = service->state().passports;
  console.out << "each guest adds the new key to its volume at its next attestation, and "
              << (passports ? "makes it at its owner's KMS before" : "the service then erases the old one")
              << "; `bulkhead status` shows when\n";
  if (!passports) return 0;
  console.out << "the old key stays there until its owner deletes it, not before the new one is in use:\n";
  for (const attestation::KeyStanding& key : rotating)
    console.out << "  " << deletion(options, *passports, key.name, key.version) << "\n";
  return 0;
}

int settle_keys(const KeyOptions& options, Console& console) {
  return shown(options, open_service(options.service, options.tenant)->settle_keys(), console);
}

}  // namespace cli
