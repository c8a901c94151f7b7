// Prints the JSON Schema of the kind named as argument: Tenant, Site or ImageRecipe. For schema_agrees.py.
#include <iostream>

#include "tenants/documents.h"

int main(int argc, char** argv) {
  const std::string kind = argc == 2 ? argv[1] : "";
  if (kind == "Tenant") std::cout << tenants::tenant_schema().pretty();
  if (kind == "Site") std::cout << tenants::site_schema().pretty();
  if (kind == "ImageRecipe") std::cout << tenants::image_recipe_schema().pretty();
  return std::cout.tellp() == 0 ? 64 : 0;
}
