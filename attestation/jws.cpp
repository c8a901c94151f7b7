#include "attestation/jws.h"

#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

std::string encoded(const base::Json& json) {
  return base::base64url(base::bytes_of(json.compact()));
}

base::Buffer decoded(std::string_view part, const std::string& name) {
  std::optional<base::Buffer> raw = base::from_base64url(part);
  if (!raw) throw base::Error(base::Kind::malformed, name + ": not base64url");
  return std::move(*raw);
}

base::Json json_of(std::string_view part, const std::string& name) {
  return base::Json::parse(base::text_of(decoded(part, name)), name);
}

}  // namespace

std::string signed_jws(const base::PrivateKey& key, const base::Json& header, const base::Json& payload) {
  const std::string message = encoded(header) + "." + encoded(payload);
  return message + "." + base::base64url(key.sign_es256(base::bytes_of(message)));
}

Jws Jws::parse(std::string_view text, std::string_view name) {
  const std::string where(name);
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == last) throw base::Error(base::Kind::malformed, where + ": wanted three parts with dots between them");
  return {json_of(text.substr(0, first), where + ": header"),
          json_of(text.substr(first + 1, last - first - 1), where + ": payload"), std::string(text.substr(0, last)),
          decoded(text.substr(last + 1), where + ": signature")};
}

}  // namespace attestation
