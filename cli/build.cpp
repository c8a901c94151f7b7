#include "cli/build.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/documents.h"
#include "cli/installation.h"
#include "images/build.h"
#include "provisioner/host_module.h"

namespace cli {
namespace {

images::Recipe recipe_from(const tenants::ImageRecipe& document) {
  images::Recipe recipe;
  recipe.suite = document.suite;
  recipe.mirror = document.mirror.value_or("");
  recipe.packages = document.packages;
  recipe.kernel_package = document.kernel_package;
  recipe.size = document.size;
  for (const tenants::RecipeFile& file : document.files)
    recipe.files.push_back({file.path.value, file.mode, file.content});
  recipe.firmware = tenants::path_beside(document.firmware);
  recipe.command_line = document.command_line;
  return recipe;
}

/// Prints what the build does and since when, one line a step.
images::BuildProgress progress_on(Console& console) {
  const auto begin = std::chrono::steady_clock::now();
  return [&console, begin](const std::string& text) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
    console.err << "["
                << std::string(seconds < 10    ? 2
                               : seconds < 100 ? 1
                                               : 0,
                               ' ')
                << seconds << "s] " << text << std::endl;
  };
}

}  // namespace

int build_image(const BuildOptions& options, Console& console) {
  Documents documents = load_documents({options.recipe});
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  if (documents.recipes.empty()) {
    throw base::Error(base::Kind::malformed, options.recipe + ": wanted a document of kind: ImageRecipe");
  }
  const std::string work = options.work.empty() ? options.out + "/work" : options.work;
  std::filesystem::create_directories(options.out);
  std::filesystem::create_directories(work);
  const auto module = provisioner::load_host_module();
  const auto disk = module->open_guest_disk();
  const images::BuiltImage image = images::build(recipe_from(documents.recipes.front()),
                                                 {guest_program(), options.out, work}, *disk, progress_on(console));
  if (options.json) {
    console.out << images::image_lock(image).pretty();
    return 0;
  }
  const auto row = [&](const char* name, const images::BuiltFile& file) {
    console.out << name << file.sha256.hex() << "  " << file.path << "\n";
  };
  row("firmware  ", image.firmware);
  row("kernel    ", image.kernel);
  row("initrd    ", image.initrd);
  row("root      ", image.root);
  console.out << "lock      " << options.out << "/image.lock\n";
  return 0;
}

}  // namespace cli
