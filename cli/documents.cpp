#include "cli/documents.h"

#include <map>
#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"
#include "tenants/documents.h"
#include "tenants/isolation.h"

namespace cli {
namespace {

constexpr std::size_t largest_key_file = 1U << 20U;
constexpr const char* kinds = "wanted kind: Tenant, Site or ImageRecipe";

/// Parses one file as the kind it claims to be.
void parse(const base::SourceFile& file, Documents& documents) {
  const std::optional<std::string> kind = tenants::kind_of_document(file);
  base::Diagnostics& found = documents.diagnostics;
  if (kind == "Site") {
    const bool second = documents.site.has_value();
    std::optional<tenants::Site> site = tenants::parse_site(file, found);
    if (second) found.error({file.name, 1, 1, 1}, "a second site; wanted one for all tenants");
    if (site) documents.site = std::move(site);
  } else if (kind == "ImageRecipe") {
    if (auto recipe = tenants::parse_image_recipe(file, found)) documents.recipes.push_back(std::move(*recipe));
  } else if (kind == "Tenant" || !kind) {
    // A file without a readable kind is read as the most common one, so that its own errors are told.
    if (auto tenant = tenants::parse_tenant(file, found)) documents.tenants.push_back(std::move(*tenant));
  } else {
    found.error({file.name, 1, 1, 1}, "kind: " + std::string(kinds) + ", got '" + *kind + "'");
  }
}

/// The keys and certificates the tenants name, as far as this machine has them.
std::map<std::string, std::string> named_files(const std::vector<tenants::Tenant>& all) {
  std::map<std::string, std::string> files;
  const auto add = [&](const tenants::Located<std::string>& path) {
    const std::string name = tenants::path_beside(path);
    if (std::optional<std::string> content = base::read_file_if_any(name, largest_key_file))
      files[name] = std::move(*content);
  };
  for (const tenants::Tenant& tenant : all) {
    for (const tenants::Owner& owner : tenant.owners) {
      add(owner.approval_key);
      if (owner.id_key) add(*owner.id_key);
      if (owner.author_key) add(*owner.author_key);
      if (owner.recovery_key) add(*owner.recovery_key);
      if (owner.attestation) add(owner.attestation->ca);
      if (owner.kms && owner.kms->ca) add(*owner.kms->ca);
      if (owner.kms && owner.kms->certificate) add(*owner.kms->certificate);
    }
  }
  return files;
}

}  // namespace

Documents load_documents(const std::vector<std::string>& paths) {
  Documents documents;
  for (const std::string& path : paths) {
    documents.sources.push_back({path, base::read_file(path, 16U << 20U)});
    parse(documents.sources.back(), documents);
  }
  documents.malformed = documents.diagnostics.errors() > 0;
  if (!documents.malformed) {
    const tenants::Site none;
    tenants::check_isolation(documents.tenants, documents.site ? *documents.site : none, named_files(documents.tenants),
                             documents.diagnostics);
  }
  documents.diagnostics.sort();
  return documents;
}

std::string count_of_findings(const Documents& documents) {
  const std::size_t errors = documents.diagnostics.errors();
  const std::size_t warnings = documents.diagnostics.all().size() - errors;
  std::ostringstream text;
  if (errors > 0) text << errors << (errors == 1 ? " error" : " errors");
  if (errors > 0 && warnings > 0) text << " and ";
  if (warnings > 0) text << warnings << (warnings == 1 ? " warning" : " warnings");
  text << " in " << documents.sources.size() << (documents.sources.size() == 1 ? " file" : " files");
  return text.str();
}

bool report_findings(Documents& documents, Console& console) {
  if (documents.diagnostics.all().empty()) return true;
  console.err << base::rendered(documents.diagnostics, documents.sources) << count_of_findings(documents) << "\n";
  return documents.diagnostics.errors() == 0;
}

int findings_exit_code(const Documents& documents) {
  return base::exit_code(documents.malformed ? base::Kind::malformed : base::Kind::failure);
}

}  // namespace cli
