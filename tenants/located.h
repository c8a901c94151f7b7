#pragma once
#include <string>

#include "base/diagnostic.h"

namespace tenants {

/// A value and where a person wrote it, for rules that name both places.
template <typename T>
struct Located {
  T value{};
  base::SourcePosition where;
};

/// The path a document names, seen from the document: `acme/owner.pub` for `owner.pub` in `acme/tenant.yaml`. Lexical
/// only; URIs (`pkcs11:...`) and absolute paths stay as they are.
std::string path_beside(const Located<std::string>& path);

}  // namespace tenants
