#include <CLI/CLI.hpp>
#include <memory>

#include "cli/keys_rotate.h"
#include "cli/verbs.h"

namespace cli {

void add_rotate_keys(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<RotateKeyOptions>();
  CLI::App* const verb = keys.add_subcommand("rotate", "the next key of the same kind, and what makes it count");
  verb->add_option("old", options->old, "a service bundle, an owner's or a CA's certificate, or a public key")
      ->required();
  verb->add_option("--out", options->out, "write the bundle here, or OUT.key with OUT.pem or OUT.pub")->required();
  verb->add_option("--ca", options->ca, "of a bundle or identity: the tenant's CA certificate CA.pem");
  verb->add_option("--ca-key", options->ca_key, "the CA's key: a file or a pkcs11: URI; default: CA.key beside CA.pem");
  verb->add_option("--token", options->token, "of a key that signs: make the next one in a PKCS#11 token (a URI)");
  verb->add_flag("--other-ca", options->other_ca, "the tenant's CA was replaced: --ca is not the one OLD is under");
  verb->add_option("--url", options->url, "of a bundle that has none yet: the service's address");
  verb->add_flag("--storage-key", options->storage_key, "of a bundle: a new storage key too; stores come under it");
  verb->add_option("--days", options->days, "days certificates are valid (365, a CA's 3650)")
      ->check(CLI::Range(1, 36500));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return rotate_key(*options, console); }; });
}

}  // namespace cli
