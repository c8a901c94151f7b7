#pragma once
#include <gtest/gtest.h>

#include "base/posix_files.h"
#include "tenants/documents.h"

/// The documents of examples/, parsed and edited.
namespace examples {

inline std::string example(const std::string& name) {
  return base::read_file(std::string(BULKHEAD_SOURCE_DIR) + "/examples/" + name);
}

/// `text` with each pair's first replaced by its second, once.
inline std::string edited(std::string text, const std::vector<std::pair<std::string, std::string>>& edits) {
  for (const auto& [from, to] : edits) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << "no '" << from << "' to edit";
    if (at != std::string::npos) text.replace(at, from.size(), to);
  }
  return text;
}

inline tenants::Tenant tenant(const std::string& name, const std::string& text) {
  base::Diagnostics found;
  const base::SourceFile file{name, text};
  std::optional<tenants::Tenant> parsed = tenants::parse_tenant(file, found);
  EXPECT_EQ(base::rendered(found, {file}), "");
  return parsed.value_or(tenants::Tenant{});
}

inline tenants::Site site() {
  base::Diagnostics found;
  return tenants::parse_site({"site.yaml", example("site.yaml")}, found).value();
}

/// acme's attestation service at its owner's.
inline std::vector<std::pair<std::string, std::string>> service_at(const std::string& host) {
  return {{"placement: operatorHost, url: \"https://10.20.255.1", "placement: owner, url: \"https://" + host}};
}

}  // namespace examples
