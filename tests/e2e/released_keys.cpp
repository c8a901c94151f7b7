// released-keys STATE TENANT: prints every key of a copy of a service's state directory in hexadecimal, one a line, as
// the guest that each is for would be given it; where they are in a KMS, with the service's credential. Built with the
// tests, never installed: a test looks for the keys where none may be.
#include <iostream>

#include "attestation/daemon_files.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace {

/// Whom the key's policy is for.
kms::Requester requester(const kms::ReleasePolicy& policy) {
  return {{policy.tenant, policy.pool, policy.guest.value()}, *policy.measurements.begin()};
}

void print_keys(const std::string& state, const std::string& tenant) {
  const auto bundle = attestation::ServiceBundle::parse(base::read_secret_file(state + "/bundle.json"), tenant);
  const auto config = attestation::ServiceConfig::parse(base::read_file(state + "/config.json"));
  kms::OpenedKeys store = attestation::open_keys(bundle, config, tenant, state);
  for (const kms::KeyName& name : store.keys.names()) {
    const kms::KeyStatus status = store.keys.status(name);
    for (const kms::Slot slot : {kms::Slot::current, kms::Slot::next}) {
      if (slot == kms::Slot::next && status.state != kms::KeyState::rotating) continue;
      const auto key = store.keys.release(name, requester(status.policy), slot);
      std::cout << base::hex(std::get<base::Secret>(key).view()) << "\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw base::Error(base::Kind::usage, "usage: released-keys STATE TENANT");
    print_keys(argv[1], argv[2]);
    return 0;
  } catch (const base::Error& error) {
    std::cerr << "released-keys: " << error.what() << "\n";
    return base::exit_code(error.kind());
  } catch (const std::exception& error) {
    std::cerr << "released-keys: " << error.what() << "\n";
    return 1;
  }
}
