#include "base/crypto.h"
#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

using base::Json;

Form<PinnedFile> pinned_file_form() {
  return object<PinnedFile>({required("path", &PinnedFile::path, path_form(), "The file."),
                             required("sha256", &PinnedFile::sha256, sha256_form(), "Its SHA-256.")});
}

void check_command_line(const CommandLine& line, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  const base::Sha256 actual = base::sha256(base::bytes_of(line.text.value));
  if (actual == line.sha256.value) return;
  diagnostics.error(
      line.sha256.where,
      path + ".sha256: expected " + actual.hex() + ", the SHA-256 of the text, got '" + line.sha256.value.hex() + "'",
      {{line.text.where, "this is the text"}});
}

Form<CommandLine> command_line_form() {
  return object<CommandLine>({required("text", &CommandLine::text, line_form(2048), "The kernel's command line."),
                              required("sha256", &CommandLine::sha256, sha256_form(), "The SHA-256 of the text.")},
                             check_command_line);
}

void check_image(const Image& image, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
  const bool from_recipe = image.recipe || image.lock;
  const bool from_files = image.kernel || image.initrd || image.root || image.command_line;
  if (from_recipe && from_files) {
    return diagnostics.error(
        node.named_at,
        path + ": expected either recipe and lock or firmware, kernel, initrd and commandLine, got both");
  }
  const bool whole_recipe = image.recipe && image.lock;
  const bool whole_files = image.firmware && image.kernel && image.initrd && image.command_line;
  if (!whole_recipe && !whole_files) {
    diagnostics.error(
        node.named_at,
        path + ": expected recipe and lock, or firmware, kernel, initrd and commandLine; some are missing");
  }
}

Json names(std::initializer_list<const char*> keys) {
  Json::Array all(keys.begin(), keys.end());
  return all;
}

/// "Both recipe and lock and none of the files, or all files and neither recipe nor lock" as a schema.
Json::Object one_of_two_ways() {
  Json::Array files_present;
  for (const char* key : {"kernel", "initrd", "root", "commandLine"})
    files_present.push_back(Json::Object{{"required", names({key})}});
  Json::Array recipe_present{Json::Object{{"required", names({"recipe"})}},
                             Json::Object{{"required", names({"lock"})}}};
  Json::Object recipe{{"required", names({"recipe", "lock"})},
                      {"not", Json::Object{{"anyOf", std::move(files_present)}}}};
  Json::Object files{{"required", names({"firmware", "kernel", "initrd", "commandLine"})},
                     {"not", Json::Object{{"anyOf", std::move(recipe_present)}}}};
  return {{"oneOf", Json::Array{std::move(recipe), std::move(files)}}};
}

}  // namespace

Form<Image> image_form() {
  return object<Image>(
      {optional("recipe", &Image::recipe, path_form(), "Path of an image recipe."),
       optional("lock", &Image::lock, path_form(), "Path of the lock `build` writes."),
       optional("firmware", &Image::firmware, pinned_file_form(), "OVMF; may stand beside a recipe."),
       optional("kernel", &Image::kernel, pinned_file_form(), "The kernel."),
       optional("initrd", &Image::initrd, pinned_file_form(), "The initrd."),
       optional("root", &Image::root, pinned_file_form(), "The read-only root image."),
       optional("commandLine", &Image::command_line, command_line_form(), "The kernel's command line.")},
      check_image, one_of_two_ways());
}

}  // namespace tenants
