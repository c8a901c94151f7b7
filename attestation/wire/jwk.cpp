#include "attestation/wire/jwk.h"

#include "attestation/wire/json_members.h"
#include "base/error.h"
#include "base/x509.h"

namespace attestation::wire {
namespace {

void expect_text(const base::Json& jwk, std::string_view key, std::string_view wanted, std::string_view where) {
  const std::string& got = text_member(jwk, key, where);
  if (got == wanted) return;
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": wanted '" +
                                               std::string(wanted) + "', got '" + got + "'");
}

std::array<std::uint8_t, 32> coordinate(const base::Json& jwk, std::string_view key, std::string_view where) {
  const base::Buffer bytes = base64url_member(jwk, key, where);
  std::array<std::uint8_t, 32> out{};
  if (bytes.size() != out.size()) {
    throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": wanted 32 bytes, got " +
                                                 std::to_string(bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace

base::Json point_json(const base::EcdhKey::Point& point) {
  return base::Json::Object{
      {"crv", "P-256"}, {"kty", "EC"}, {"x", base::base64url(point.x)}, {"y", base::base64url(point.y)}};
}

base::Json signing_key_json(const base::EcdhKey::Point& point, std::string_view chain) {
  base::Json jwk = point_json(point);
  jwk["alg"] = "ES256";
  if (chain.empty()) return jwk;
  base::Json::Array certificates;
  for (const base::X509Certificate& one : base::parse_x509(base::bytes_of(chain), "token certificates").certificates) {
    certificates.emplace_back(base::base64(one.der()));
  }
  jwk["x5c"] = std::move(certificates);
  return jwk;
}

base::EcdhKey::Point parse_coordinates(const base::Json& jwk, std::string_view where) {
  expect_text(jwk, "kty", "EC", where);
  expect_text(jwk, "crv", "P-256", where);
  return {coordinate(jwk, "x", where), coordinate(jwk, "y", where)};
}

base::EcdhKey::Point parse_point(const base::Json& jwk, std::string_view where) {
  base::expect_members(jwk, {"crv", "kty", "x", "y"}, where);
  return parse_coordinates(jwk, where);
}

}  // namespace attestation::wire
