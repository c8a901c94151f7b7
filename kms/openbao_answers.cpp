#include "kms/openbao_answers.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "kms/key_material.h"

namespace kms {
namespace {

constexpr std::size_t longest_text = 200;

[[noreturn]] void malformed(const std::string& what) {
  throw base::Error(base::Kind::malformed, "openbao answer: " + what);
}

std::string printable(std::string text) {
  text.resize(std::min(text.size(), longest_text));
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  return text;
}

/// A duration; at most a hundred years, so that it can be added to a time.
std::int64_t seconds_of(const base::Json& json, const std::string& member) {
  constexpr std::int64_t most = 100LL * 366 * 86'400;
  const std::int64_t seconds = json.at(member).integer();
  if (seconds < 0 || seconds > most) malformed(member + ": got " + std::to_string(seconds));
  return seconds;
}

}  // namespace

base::Json parse_openbao_body(base::Bytes body) {
  if (body.empty()) return {};
  base::Json json = base::Json::parse({reinterpret_cast<const char*>(body.data()), body.size()}, "openbao answer");
  if (!json.is_object()) malformed("wanted an object");
  return json;
}

std::string openbao_request_id(const base::Json& body) {
  const base::Json* const id = body.find("request_id");
  return id != nullptr && id->is_string() ? printable(id->text()) : "";
}

std::string openbao_errors(const base::Json& body) {
  const base::Json* const errors = body.find("errors");
  if (errors == nullptr || !errors->is_array()) return "";
  std::string text;
  for (const base::Json& error : errors->array())
    if (error.is_string()) text += (text.empty() ? "" : "; ") + error.text();
  return printable(std::move(text));
}

OpenBaoLogin parse_openbao_login(const base::Json& body) {
  const base::Json& auth = body.at("auth");
  const std::string& token = auth.at("client_token").text();
  const auto in_header = [](char c) { return c > ' ' && c <= '~'; };
  if (token.empty() || !std::all_of(token.begin(), token.end(), in_header))
    malformed("client_token: wanted printable characters without blanks");
  const std::int64_t seconds = seconds_of(auth, "lease_duration");
  const base::Json* const renewable = auth.find("renewable");
  return {base::Secret(base::buffer_of(base::bytes_of(token))), seconds, renewable != nullptr && renewable->boolean()};
}

OpenBaoTokenFacts parse_openbao_token(const base::Json& body) {
  const base::Json& data = body.at("data");
  OpenBaoTokenFacts facts;
  const std::int64_t left = seconds_of(data, "ttl");
  if (!data.at("expire_time").is_null()) facts.seconds = left;
  facts.granted = seconds_of(data, "creation_ttl");
  if (data.find("period") != nullptr) facts.period = seconds_of(data, "period");
  const base::Json* const renewable = data.find("renewable");  // a root token has none
  facts.renewable = renewable != nullptr && renewable->boolean();
  for (const char* const member : {"policies", "identity_policies"}) {
    const base::Json* const policies = data.find(member);
    if (policies == nullptr || policies->is_null()) continue;
    for (const base::Json& policy : policies->array()) facts.policies.push_back(printable(policy.text()));
  }
  std::sort(facts.policies.begin(), facts.policies.end());
  return facts;
}

std::optional<OpenBaoSecret> parse_openbao_secret(const base::Json& body) {
  const base::Json& data = body.at("data");
  if (data.at("data").is_null()) return std::nullopt;
  const std::int64_t version = data.at("metadata").at("version").integer();
  if (version < 1) malformed("version: got " + std::to_string(version) + ", wanted 1 or more");
  return OpenBaoSecret{data.at("data").at("record").text(), static_cast<std::uint64_t>(version)};
}

base::Secret parse_openbao_guest_key(const base::Json& body) {
  std::optional<base::Buffer> bytes = base::from_base64(body.at("data").at("data").at("key").text());
  if (!bytes || bytes->size() != key_size) malformed("key: wanted base64 of " + std::to_string(key_size) + " bytes");
  return base::Secret(std::move(*bytes));
}

std::vector<std::string> parse_openbao_list(const base::Json& body) {
  std::vector<std::string> names;
  for (const base::Json& name : body.at("data").at("keys").array()) names.push_back(name.text());
  return names;
}

std::string parse_openbao_ciphertext(const base::Json& body) {
  const std::string& text = body.at("data").at("ciphertext").text();
  if (!text.starts_with("vault:v") || text.find_first_of(" \n") != std::string::npos)
    malformed("ciphertext: wanted vault:vN:..");
  return text;
}

base::Secret parse_openbao_plaintext(const base::Json& body) {
  std::optional<base::Buffer> bytes = base::from_base64(body.at("data").at("plaintext").text());
  if (!bytes) malformed("plaintext: wanted base64");
  return base::Secret(std::move(*bytes));
}

}  // namespace kms
