#include "base/p11kit_uri.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <algorithm>

#include "base/error.h"
#include "base/posix_files.h"

namespace base {
namespace p11kit {
namespace {

/// The file that holds the PIN; "" when the URI names none.
std::string pin_file_of(P11KitUri* uri) {
  const char* const source = p11_kit_uri_get_pin_source(uri);
  if (source == nullptr) return {};
  std::string path = source;
  for (const std::string_view prefix : {"file://", "file:"})
    if (path.starts_with(prefix)) {
      path.erase(0, prefix.size());
      break;
    }
  if (!path.starts_with("/") && path.find_first_of("|:") != std::string::npos)
    throw Error(Kind::usage, "key: pin-source '" + path + "', wanted file:PATH");
  return path;
}

}  // namespace

void FreeUri::operator()(p11_kit_uri* uri) const noexcept {
  p11_kit_uri_free(uri);
}

Uri parse_uri(const std::string& text) {
  Uri uri(p11_kit_uri_new());
  const int result = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
  // The URI itself is not shown: it may have a PIN in it, though it must not.
  if (result != P11_KIT_URI_OK)
    throw Error(Kind::usage, std::string("key: ") + p11_kit_uri_message(result) + ", wanted a URI of RFC 7512");
  if (p11_kit_uri_get_pin_value(uri.get()) != nullptr)
    throw Error(Kind::usage, "key: pin-value shows the PIN to everybody, wanted pin-source=file:PATH");
  if (p11_kit_uri_any_unrecognized(uri.get()) != 0)
    throw Error(Kind::usage, "key: its PKCS#11 URI has an attribute that is not known");
  return uri;
}

/// The first line of the file the URI names; nullopt when it names none.
std::optional<Secret> read_pin(P11KitUri* uri, const Pkcs11Token::ReadPinFile& read) {
  const std::string path = pin_file_of(uri);
  if (path.empty()) return std::nullopt;
  const Secret file = read ? read(path) : read_secret_file(path);
  const Bytes all = file.view();
  const auto end = std::find_if(all.begin(), all.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
  return Secret(Buffer(all.begin(), end));
}

}  // namespace p11kit

void expect_pkcs11_uri(const std::string& uri) {
  p11kit::parse_uri(uri);
}

Pkcs11UriParts pkcs11_uri_parts(const std::string& text) {
  const p11kit::Uri uri = p11kit::parse_uri(text);
  Pkcs11UriParts parts;
  if (const CK_TOKEN_INFO* const token = p11_kit_uri_get_token_info(uri.get())) {
    // Fixed width, padded with blanks; zeros where the URI says nothing.
    const auto* const label = reinterpret_cast<const char*>(token->label);
    parts.token.assign(label, sizeof token->label);
    parts.token.resize(parts.token.find_last_not_of(std::string_view(" \0", 2)) + 1);
  }
  parts.pin_file = p11kit::pin_file_of(uri.get());
  if (const char* const path = p11_kit_uri_get_module_path(uri.get())) parts.module_path = path;
  return parts;
}

}  // namespace base
