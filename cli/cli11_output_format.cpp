#include <CLI/CLI.hpp>

#include "cli/output_format.h"

namespace cli {

void add_output_options(CLI::App& verb, OutputOptions& options) {
  verb.add_option(
          "--format", options.format,
          "text, json, rvps (a message for Trustee's reference values), corim (CBOR), libvirt (an element for the "
          "domain) or hex")
      ->capture_default_str();
  verb.add_flag("--json", options.json, "print bulkhead.measurement/v1");
  verb.add_option("--sign-key", options.sign_key,
                  "sign the CoRIM with this owner's key (PEM: Ed25519 or EC; or a pkcs11: URI)");
  verb.add_option("--out", options.out, "write to this file");
}

}  // namespace cli
