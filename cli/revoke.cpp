#include "cli/revoke.h"

#include <algorithm>

#include "base/error.h"

namespace cli {
namespace {

using attestation::Revocation;

/// As the service wants it. @throws Error{usage}
Revocation revocation_of(const RevokeOptions& options) {
  Revocation wanted{options.kind, options.value, options.reason, 0};
  if (wanted.kind != Revocation::Kind::guest) {
    std::transform(wanted.value.begin(), wanted.value.end(), wanted.value.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  }
  try {
    return Revocation::parse(wanted.json());
  } catch (const base::Error& problem) {
    throw base::Error(base::Kind::usage, problem.what());
  }
}

}  // namespace

int revoke(const RevokeOptions& options, Console& console) {
  const Revocation revocation = revocation_of(options);
  const auto service = open_service(options.service, options.tenant);
  if (options.lift) {
    service->lift_revocation(revocation);
    console.out << options.tenant << ": no longer revoked: " << revocation.text() << "\n";
    if (revocation.kind == Revocation::Kind::owner_key) {
      console.out << "the service has no approval until `bulkhead apply` loads it again\n";
    }
    return 0;
  }
  service->put_revocation(revocation);
  console.out << options.tenant << ": revoked " << revocation.text() << "\n";
  for (const attestation::GuestState& guest : service->state().guests) {
    if (guest.lease && guest.lease->ended.starts_with("revoked: ")) {
      console.out << options.tenant << " " << guest.guest << ": boot " << guest.lease->boot << ", "
                  << guest.lease->ended << "\n";
    }
  }
  return 0;
}

}  // namespace cli
