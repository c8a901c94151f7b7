#include "tenants/document_form.h"
#include "tenants/documents.h"

namespace tenants {
namespace {

/// "0644" in quotes: a plain number would be decimal to one reader and octal to another.
Form<unsigned> mode_form() {
  base::Json::Object schema{{"pattern", "^0[0-7]{3}$"}};
  return text<unsigned>(
      "a mode of four octal digits, such as \"0644\"", std::move(schema), [](const std::string& value) {
        const bool good =
            value.size() == 4 && value[0] == '0' && value.find_first_not_of("01234567") == std::string::npos;
        return good ? std::optional(static_cast<unsigned>(std::stoul(value, nullptr, 8))) : std::nullopt;
      });
}

Form<RecipeFile> recipe_file_form() {
  return object<RecipeFile>({required("path", &RecipeFile::path, absolute_path_form(), "Where it goes in the image."),
                             optional("mode", &RecipeFile::mode, mode_form(), "Its mode; by default \"0644\"."),
                             required("content", &RecipeFile::content, any_text_form(65536), "What it holds.")});
}

Form<ImageRecipe> spec_form() {
  using Recipe = ImageRecipe;
  const Form<std::string> package = word_form("a Debian package name", "+-.:", 128);
  const Form<std::string> kernel = choice<std::string>(
      {{"linux-image-amd64", "linux-image-amd64"}, {"linux-image-cloud-amd64", "linux-image-cloud-amd64"}});
  const Form<std::string> module = word_form("a kernel module's name", "_-", 64);
  return object<Recipe>(
      {required("suite", &Recipe::suite, choice<std::string>({{"trixie", "trixie"}}), "Debian's suite."),
       optional("mirror", &Recipe::mirror, line_form(512),
                "Where packages come from; by default the host's own sources."),
       optional("packages", &Recipe::packages, list_of(package, 0, 1000), "Packages beside the base system."),
       required("kernelPackage", &Recipe::kernel_package, kernel, "Which kernel."),
       required("size", &Recipe::size, size_form(256), "The root image's size."),
       optional("files", &Recipe::files, list_of(recipe_file_form(), 0, 256), "Small files written into the image."),
       required("firmware", &Recipe::firmware, path_form(), "Path of the firmware on the building machine."),
       required("commandLine", &Recipe::command_line, line_form(2048), "The kernel's command line."),
       optional("modules", &Recipe::modules, list_of(module, 0, 256),
                "Kernel modules for the initrd beside the built-in list.")});
}

const Form<Document<ImageRecipe>>& recipe_form() {
  static const Form<Document<ImageRecipe>> form = document_form("ImageRecipe", spec_form(), false);
  return form;
}

}  // namespace

std::optional<ImageRecipe> parse_image_recipe(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  std::optional<Document<ImageRecipe>> document = read_document(recipe_form(), file, diagnostics);
  if (!document) return std::nullopt;
  document->spec.name = document->metadata.name.value;
  return std::move(document->spec);
}

base::Json image_recipe_schema() {
  return schema_of(recipe_form(), "Bulkhead image recipe");
}

}  // namespace tenants
