#pragma once
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct CheckOptions {
  std::vector<std::string> documents;  ///< tenant, site and image recipe files
  bool json = false;
};

/// Reads the documents and asks whether these tenants may coexist. Exit 0 without findings, 1 for a broken rule, 3 for
/// a document that does not parse.
int check(const CheckOptions& options, Console& console);

struct SchemaOptions {
  std::string kind;  ///< tenant, site or recipe
};
/// Prints the JSON Schema of a kind of document, for editors.
int print_schema(const SchemaOptions& options, Console& console);

}  // namespace cli
