#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "cli/console.h"
#include "tenants/image_recipe.h"
#include "tenants/site.h"
#include "tenants/tenant.h"

namespace cli {

/// The tenant, site and image recipe documents of one command, told apart by their `kind`.
struct Documents {
  std::vector<base::SourceFile> sources;  ///< every file that was read, for quoting lines
  base::Diagnostics diagnostics;          ///< all findings of parsing and of the isolation rules
  std::vector<tenants::Tenant> tenants;
  std::optional<tenants::Site> site;
  std::vector<tenants::ImageRecipe> recipes;
  bool malformed = false;  ///< some document did not parse; the isolation rules were not asked
};

/// Reads and parses every file; then, when all parsed, asks whether these tenants may coexist.
/// @throws Error{failure} when a file cannot be read
Documents load_documents(const std::vector<std::string>& paths);

/// "2 errors and 1 warning in 3 files"
std::string count_of_findings(const Documents& documents);
/// Prints the findings to `err` and says whether the verb may go on: false when there is an error.
/// The exit code is then `findings_exit_code`.
bool report_findings(Documents& documents, Console& console);
/// 3 when a document did not parse, 1 when it parsed and broke a rule.
int findings_exit_code(const Documents& documents);

}  // namespace cli
