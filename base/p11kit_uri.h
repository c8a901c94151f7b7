#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/pkcs11_token.h"

/// What the p11kit_*.cpp files know about PKCS#11 URIs; nobody else includes this.
struct p11_kit_uri;

namespace base::p11kit {

struct FreeUri {
  void operator()(p11_kit_uri* uri) const noexcept;
};
using Uri = std::unique_ptr<p11_kit_uri, FreeUri>;

/// @throws Error{usage} for a text that is none, or shows a PIN
Uri parse_uri(const std::string& text);
/// The first line of the file the URI names; nullopt when it names none.
std::optional<Secret> read_pin(p11_kit_uri* uri, const Pkcs11Token::ReadPinFile& read);

}  // namespace base::p11kit
