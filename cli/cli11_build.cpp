#include <CLI/CLI.hpp>
#include <memory>

#include "cli/build.h"
#include "cli/verbs.h"

namespace cli {

void add_build(CLI::App& app, Action& action) {
  CLI::App* const verb =
      app.add_subcommand("build", "build the image of a recipe: kernel, initrd, read-only root, lock");
  const auto options = std::make_shared<BuildOptions>();
  verb->add_option("recipe", options->recipe, "a document of kind: ImageRecipe")->required();
  verb->add_option("--out", options->out, "directory for the image and image.lock")->required();
  verb->add_option("--work", options->work, "directory kept between builds (default OUT/work)");
  verb->add_flag("--json", options->json, "print bulkhead.image-lock/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return build_image(*options, console); }; });
}

}  // namespace cli
