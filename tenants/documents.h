#pragma once
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/json.h"
#include "tenants/image_recipe.h"
#include "tenants/site.h"
#include "tenants/tenant.h"

namespace tenants {

/// Reads one document each. Every finding of the file is reported, in the order of reading.
/// @return nullopt when anything was reported
std::optional<Tenant> parse_tenant(const base::SourceFile& file, base::Diagnostics& diagnostics);
std::optional<Site> parse_site(const base::SourceFile& file, base::Diagnostics& diagnostics);
std::optional<ImageRecipe> parse_image_recipe(const base::SourceFile& file, base::Diagnostics& diagnostics);

/// The `kind` a file claims, for telling documents apart; nullopt when it cannot be read or names none. Reports
/// nothing.
std::optional<std::string> kind_of_document(const base::SourceFile& file);

/// JSON Schemas (draft 2020-12) made from the same field tables as the parsers.
base::Json tenant_schema();
base::Json site_schema();
base::Json image_recipe_schema();

}  // namespace tenants
