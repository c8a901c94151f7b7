#include <CLI/CLI.hpp>
#include <memory>

#include "cli/id_block.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_make(CLI::App& id_block, Action& action) {
  const auto options = std::make_shared<MakeIdBlockOptions>();
  CLI::App* const verb = id_block.add_subcommand("make", "sign the launch digest a guest must come to");
  CLI::Option* const digest = verb->add_option("--measurement", options->measurement, "the launch digest, 96 digits");
  verb->add_option("--measure-json", options->measure_json, "what `bulkhead measure .. --json` printed instead")
      ->excludes(digest);
  verb->add_option("--vcpus", options->vcpus, "which of its digests, when it has several");
  verb->add_option("--id-key", options->id_key, "the ID key (EC P-384): a PEM file or a pkcs11: URI")->required();
  verb->add_option("--author-key", options->author_key, "a key that vouches for the ID key, likewise");
  verb->add_option("--family-id", options->family_id, "32 hexadecimal digits, or a text of at most 16 bytes");
  verb->add_option("--image-id", options->image_id, "likewise");
  verb->add_option("--guest-svn", options->guest_svn, "the guest's security version number")->capture_default_str();
  verb->add_option("--policy", options->policy, "the guest policy of the launch")->capture_default_str();
  verb->add_option("--out-block", options->out_block, "write the ID block (96 bytes) here");
  verb->add_option("--out-auth", options->out_authentication,
                   "write the ID authentication (4096 bytes) here; kept when it is one of this block already");
  verb->add_flag("--json", options->json, "print bulkhead.id-block/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_id_block(*options, console); }; });
}

void add_show(CLI::App& id_block, Action& action) {
  const auto options = std::make_shared<ShowIdBlockOptions>();
  CLI::App* const verb = id_block.add_subcommand("show", "every field of an ID block or ID authentication");
  verb->add_option("files", options->files, "an ID block, an ID authentication or both: bytes or base64")
      ->required()
      ->expected(1, 2);
  verb->add_flag("--json", options->json, "print bulkhead.id-block/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return show_id_block(*options, console); }; });
}

void add_verify_block(CLI::App& id_block, Action& action) {
  const auto options = std::make_shared<VerifyIdBlockOptions>();
  CLI::App* const verb = id_block.add_subcommand("verify", "are the signatures genuine, is the block the one wanted?");
  verb->add_option("block", options->block, "the ID block: bytes or base64")->required();
  verb->add_option("authentication", options->authentication, "its ID authentication")->required();
  verb->add_option("--measurement", options->measurement, "the launch digest it must name");
  verb->add_option("--id-key", options->id_key, "the public key that must have signed it (PEM)");
  verb->add_option("--author-key", options->author_key, "the public key that must vouch for the ID key (PEM)");
  verb->add_option("--report", options->report, "an SNP report of the launch: compare what it says");
  verb->add_flag("--json", options->json, "print bulkhead.id-block/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return verify_id_block(*options, console); }; });
}

}  // namespace

void add_id_block(CLI::App& app, Action& action) {
  CLI::App* const verb = app.add_subcommand("id-block", "what an SNP guest's owner signs: make, show, verify");
  verb->require_subcommand(1);
  add_make(*verb, action);
  add_show(*verb, action);
  add_verify_block(*verb, action);
}

}  // namespace cli
