#include <CLI/CLI.hpp>
#include <memory>

#include "cli/revoke.h"
#include "cli/verbs.h"

namespace cli {

void add_revoke(CLI::App& app, Action& action) {
  using Kind = attestation::Revocation::Kind;
  const auto options = std::make_shared<RevokeOptions>();
  CLI::App* const verb = app.add_subcommand("revoke", "take back, at once, what an approval allows");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  const auto add_subject = [&](const char* flag, Kind kind, const char* text) {
    return verb->add_option_function<std::string>(
        flag,
        [options, kind](const std::string& value) {
          options->kind = kind;
          options->value = value;
        },
        text);
  };
  CLI::Option* const subjects[] = {
      add_subject("--image", Kind::image, "a launch digest, MRTD, RTMR, PCR or event digest (hex)"),
      add_subject("--chip", Kind::chip, "a chip's id, or a platform's PPID or instance id (hex)"),
      add_subject("--guest", Kind::guest, "POOL/INDEX"),
      add_subject("--owner-key", Kind::owner_key, "SHA-256 of an owner's approval key (hex)")};
  for (CLI::Option* const one : subjects) {
    for (CLI::Option* const other : subjects) {
      if (one != other) one->excludes(other);
    }
  }
  verb->add_option("--reason", options->reason, "why, for the audit log and status");
  verb->add_flag("--lift", options->lift, "lift the revocation instead");
  add_service_access(*verb, options->service);
  verb->callback([&action, options] {
    if (options->value.empty()) throw CLI::RequiredError("one of --image, --chip, --guest, --owner-key");
    action = [options](Console& console) { return revoke(*options, console); };
  });
}

}  // namespace cli
