// room: tenants
#include "tenants/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::SourceFile file{"fuzz.yaml", {reinterpret_cast<const char*>(data), size}};
  base::Diagnostics found;
  tenants::parse_tenant(file, found);
  tenants::parse_site(file, found);
  tenants::parse_image_recipe(file, found);
  base::rendered(found, {file});
  return 0;
}
