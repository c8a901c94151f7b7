#include <CLI/CLI.hpp>
#include <memory>

#include "cli/keys_save.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_save(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<SaveKeysOptions>();
  CLI::App* const verb = keys.add_subcommand("save", "an owner's key files as one file, sealed to her backup key");
  verb->add_option("files", options->files, "key files, certificates, a service bundle; kept by name without path")
      ->required();
  verb->add_option("--to", options->to, "the backup key's public part (bulkhead keys backup)")->required();
  verb->add_option("--out", options->out, "write the sealed file here; nothing is replaced")->required();
  verb->callback([&action, options] { action = [options](Console& console) { return save_keys(*options, console); }; });
}

void add_restore(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<RestoreKeysOptions>();
  CLI::App* const verb = keys.add_subcommand("restore", "the key files in a file of `keys save`");
  verb->add_option("--from", options->from, "what `keys save` wrote")->required();
  verb->add_option("--key", options->key, "the backup key's private part")->required();
  verb->add_option("--out", options->out, "make this folder with them; nothing is replaced")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return restore_keys(*options, console); }; });
}

}  // namespace

void add_saved_keys(CLI::App& keys, Action& action) {
  add_save(keys, action);
  add_restore(keys, action);
}

}  // namespace cli
