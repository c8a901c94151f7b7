#include "attestation/wire/tee_key.h"

#include <algorithm>

#include "attestation/wire/json_members.h"
#include "attestation/wire/jwk.h"
#include "base/ecdsa_p256.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

using base::Json;
using Point = base::EcdhKey::Point;

constexpr std::string_view for_points = "ECDH-ES+A256KW";
constexpr std::string_view for_rsa = "RSA-OAEP-256";

[[noreturn]] void fail(std::string_view where, std::string_view key, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": " + what);
}

void expect_algorithm(const Json& jwk, std::string_view wanted, std::string_view where) {
  const std::string& got = text_member(jwk, "alg", where);
  if (got != wanted) fail(where, "alg", "wanted '" + std::string(wanted) + "', got '" + got + "'");
}

std::uint32_t exponent_of(const base::Buffer& bytes, std::string_view where) {
  if (bytes.empty() || bytes.size() > 4 || bytes.front() == 0)
    fail(where, "e", "wanted 1 to 4 bytes, none of them a leading zero");
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  if (value < 3 || value % 2 == 0) fail(where, "e", "wanted an odd number from 3, got " + std::to_string(value));
  return value;
}

RsaTeeKey parse_rsa(const Json& jwk, std::string_view where) {
  expect_algorithm(jwk, for_rsa, where);
  RsaTeeKey key{base64url_member(jwk, "n", where), exponent_of(base64url_member(jwk, "e", where), where)};
  const std::size_t size = key.modulus.size();
  if (size < 256 || size > 512 || key.modulus.front() == 0) {
    fail(where, "n", "wanted 256 to 512 bytes without a leading zero, got " + std::to_string(size));
  }
  return key;
}

/// Without the algorithm: what a thumbprint is made of.
Json required_members(const Point& point) {
  return point_json(point);
}
Json required_members(const RsaTeeKey& key) {
  base::Buffer exponent;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    const auto byte = static_cast<std::uint8_t>(key.exponent >> shift);
    if (byte != 0 || !exponent.empty()) exponent.push_back(byte);
  }
  return Json::Object{{"e", base::base64url(exponent)}, {"kty", "RSA"}, {"n", base::base64url(key.modulus)}};
}

}  // namespace

Json tee_key_json(const TeeKey& key) {
  Json jwk = std::visit([](const auto& one) { return required_members(one); }, key);
  jwk["alg"] = std::holds_alternative<Point>(key) ? for_points : for_rsa;
  return jwk;
}

TeeKey parse_tee_key(const Json& jwk, std::string_view where) {
  const std::string& type = text_member(jwk, "kty", where);
  if (type == "RSA") return parse_rsa(jwk, where);
  if (type != "EC") fail(where, "kty", "wanted 'EC' or 'RSA', got '" + type + "'");
  expect_algorithm(jwk, for_points, where);
  return parse_coordinates(jwk, where);
}

std::string key_thumbprint(const TeeKey& key) {
  const std::string required = std::visit([](const auto& one) { return required_members(one).compact(); }, key);
  return base::base64url(base::sha256(base::bytes_of(required)).bytes);
}

base::PublicKey public_key_of(const TeeKey& key) {
  if (const auto* const rsa = std::get_if<RsaTeeKey>(&key))
    return base::PublicKey::from_rsa(rsa->modulus, rsa->exponent);
  const auto& point = std::get<Point>(key);
  std::array<std::uint8_t, 64> both{};
  std::ranges::copy(point.y, std::ranges::copy(point.x, both.begin()).out);
  return base::p256_public_key(both, "guest key");
}

}  // namespace attestation::wire
