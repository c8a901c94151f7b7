#include "base/initdata.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/toml_strings.h"

namespace base {
namespace {

constexpr std::string_view document = "initdata.toml";
constexpr std::string_view our_key = "bulkhead.json";
constexpr std::string_view schema = "bulkhead.initdata/v1";
constexpr std::size_t longest_document = 16U << 10U;
constexpr std::int64_t highest_index = 999;

[[noreturn]] void fail(std::string_view name, std::string_view got, std::string_view wanted) {
  throw Error(Kind::malformed,
              std::string(name) + ": got '" + std::string(got.substr(0, 100)) + "', wanted " + std::string(wanted));
}

/// The member `key` of `object` as a text. @throws Error{malformed} naming `name`
const std::string& text_of(const Json& object, std::string_view key, const std::string& name) {
  const Json* member = object.find(key);
  if (member == nullptr) throw Error(Kind::malformed, name + ": missing");
  if (!member->is_string()) throw Error(Kind::malformed, name + ": wanted a text");
  return member->text();
}

void expect_text(const Json& object, std::string_view key, std::string_view wanted) {
  const std::string got = text_of(object, key, std::string(key));
  if (got != wanted) fail(key, got, "'" + std::string(wanted) + "'");
}

const Json& object_of(const Json& object, std::string_view key, std::initializer_list<std::string_view> allowed) {
  const Json* member = object.find(key);
  if (member == nullptr) throw Error(Kind::malformed, std::string(key) + ": missing");
  if (!member->is_object()) throw Error(Kind::malformed, std::string(key) + ": wanted an object");
  expect_members(*member, allowed, key);
  return *member;
}

constexpr const char* name_rule = "1 to 20 of [a-z0-9-], first a letter, last no dash";

constexpr const char* kms_path_rule = "1 to 128 of [A-Za-z0-9_-] in parts between single slashes";

/// What tenants and volumes may be called.
bool is_name(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 20 && text.front() >= 'a' && text.front() <= 'z' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

TenantId parse_tenant(const std::string& text) {
  if (!is_name(text)) fail("tenant", text, name_rule);
  return {text};
}

Pool parse_pool(const std::string& text) {
  if (text != "control" && text != "worker") fail("pool", text, "'control' or 'worker'");
  return text == "control" ? Pool::control : Pool::worker;
}

unsigned parse_index(const Json& inner) {
  const Json* index = inner.find("index");
  if (index == nullptr) throw Error(Kind::malformed, "index: missing");
  if (!index->is_integer() || index->integer() < 0 || index->integer() > highest_index) {
    fail("index", index->compact(), "0 to " + std::to_string(highest_index));
  }
  return static_cast<unsigned>(index->integer());
}

std::string parse_ca(const std::string& pem, const std::string& name) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----\n", end = "-----END CERTIFICATE-----\n";
  if (!pem.starts_with(begin) || !pem.ends_with(end) || pem.find(begin, 1) != pem.npos) {
    fail(name, pem, "exactly one PEM certificate");
  }
  return pem;
}

/// A member this version can only leave empty: the guest must not ignore what an owner wrote there.
void expect_null(const Json& inner, const std::string& key) {
  const Json* member = inner.find(key);
  if (member == nullptr) throw Error(Kind::malformed, key + ": missing");
  if (!member->is_null())
    throw Error(Kind::malformed, key + ": wanted null; this version has no " + key + " setting in initdata");
}

/// @throws Error{malformed}
std::vector<std::string> parse_recovery(const Json& json) {
  constexpr std::string_view begin = "-----BEGIN PUBLIC KEY-----\n", end = "-----END PUBLIC KEY-----\n";
  constexpr std::size_t most = 16;
  if (!json.is_array() || json.array().empty() || json.array().size() > most)
    throw Error(Kind::malformed, "recovery: wanted a list of 1 to 16 public keys");
  std::vector<std::string> keys;
  for (const Json& one : json.array()) {
    if (!one.is_string()) throw Error(Kind::malformed, "recovery: wanted texts");
    const std::string& pem = one.text();
    if (!pem.starts_with(begin) || !pem.ends_with(end) || pem.find(begin, 1) != pem.npos)
      fail("recovery", pem, "PEM public keys");
    keys.push_back(pem);
  }
  return keys;
}

std::string parse_kms_path(const Json& kms, std::string_view key) {
  const std::string name = "kms." + std::string(key);
  const std::string& text = text_of(kms, key, name);
  if (!text.empty() && !is_kms_path(text)) fail(name, text, kms_path_rule);
  return text;
}

std::optional<Initdata::Kms> parse_kms(const Json& inner) {
  if (const Json* const kms = inner.find("kms"); kms != nullptr && kms->is_null()) return std::nullopt;
  const Json& kms = object_of(inner, "kms", {"url", "ca", "namespace", "mount"});
  const HttpsUrl url = parse_https_url(text_of(kms, "url", "kms.url"), "kms.url");
  parse_ipv4(url.host, "kms.url");
  return Initdata::Kms{url, parse_ca(text_of(kms, "ca", "kms.ca"), "kms.ca"), parse_kms_path(kms, "namespace"),
                       parse_kms_path(kms, "mount")};
}

Initdata parse_inner(const Json& inner) {
  expect_members(inner,
                 {"schema", "tenant", "pool", "index", "network", "attestation", "kms", "time", "volumes", "recovery"},
                 our_key);
  expect_text(inner, "schema", schema);
  Initdata out;
  out.guest = {parse_tenant(text_of(inner, "tenant", "tenant")), parse_pool(text_of(inner, "pool", "pool")),
               parse_index(inner)};
  const Json& network = object_of(inner, "network", {"mac", "address", "gateway"});
  out.network = {parse_mac(text_of(network, "mac", "network.mac"), "network.mac"),
                 parse_ipv4(text_of(network, "address", "network.address"), "network.address"),
                 parse_ipv4(text_of(network, "gateway", "network.gateway"), "network.gateway")};
  const Json& attestation = object_of(inner, "attestation", {"url", "ca"});
  out.attestation = {parse_https_url(text_of(attestation, "url", "attestation.url"), "attestation.url"),
                     parse_ca(text_of(attestation, "ca", "attestation.ca"), "attestation.ca")};
  const Json* const volumes = inner.find("volumes");
  if (volumes == nullptr) throw Error(Kind::malformed, "volumes: missing");
  out.volumes = parse_volume_names(*volumes, "volumes");
  if (const Json* const recovery = inner.find("recovery")) out.recovery = parse_recovery(*recovery);
  out.kms = parse_kms(inner);
  expect_null(inner, "time");
  return out;
}

/// JSON as a TOML multi-line literal string takes it: without an apostrophe, and so without the three that would end
/// it.
std::string without_apostrophes(const std::string& json) {
  std::string out;
  for (const char c : json) {
    if (c == '\'') {
      out += "\\u0027";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

bool is_volume_name(std::string_view text) {
  return is_name(text);
}

bool is_kms_path(std::string_view text) {
  constexpr std::size_t longest = 128;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '/';
  };
  return !text.empty() && text.size() <= longest && text.front() != '/' && text.back() != '/' &&
         text.find("//") == text.npos && std::all_of(text.begin(), text.end(), allowed);
}

std::vector<std::string> parse_volume_names(const Json& json, std::string_view name) {
  constexpr std::size_t most_volumes = 16;
  if (!json.is_array()) throw Error(Kind::malformed, std::string(name) + ": wanted a list");
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Json& one : json.array()) {
    if (!one.is_string()) throw Error(Kind::malformed, std::string(name) + ": wanted texts");
    if (!is_name(one.text())) fail(name, one.text(), name_rule);
    if (!seen.insert(one.text()).second) fail(name, one.text(), "each name once");
    names.push_back(one.text());
  }
  if (names.size() > most_volumes) fail(name, std::to_string(names.size()), "at most 16 names");
  return names;
}

std::string volume_serial(std::string_view name) {
  constexpr std::size_t longest = 20;
  const std::string prefix = "data-";
  if (prefix.size() + name.size() <= longest) return prefix + std::string(name);
  return prefix + sha256(bytes_of(name)).hex().substr(0, longest - prefix.size());
}

std::string mac_text(const std::array<std::uint8_t, 6>& mac) {
  std::string out = hex(mac);
  for (std::size_t at = 2; at < out.size(); at += 3) out.insert(at, 1, ':');
  return out;
}

std::string ipv4_text(const std::array<std::uint8_t, 4>& address) {
  std::string out;
  for (const unsigned byte : address) out += (out.empty() ? "" : ".") + std::to_string(byte);
  return out;
}

std::array<std::uint8_t, 6> parse_mac(std::string_view text, std::string_view name) {
  std::array<std::uint8_t, 6> mac{};
  std::string digits;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at % 3 != 2) digits += text[at];
  }
  if (const auto raw = from_hex(digits); raw && raw->size() == mac.size())
    std::copy(raw->begin(), raw->end(), mac.begin());
  const bool unicast = (mac[0] & 1U) == 0 && mac != decltype(mac){};
  if (mac_text(mac) != text || !unicast) fail(name, text, "six lower-case hexadecimal pairs of a unicast address");
  return mac;
}

std::array<std::uint8_t, 4> parse_ipv4(std::string_view text, std::string_view name) {
  std::array<std::uint8_t, 4> address{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::uint8_t& byte : address) {
    at = std::from_chars(at, end, byte).ptr;
    if (at != end) ++at;  // the dot; comparing the text below sees anything else
  }
  if (ipv4_text(address) != text) fail(name, text, "an IPv4 address such as 10.20.1.10");
  return address;
}

std::string initdata_toml(const Initdata& initdata) {
  Json inner;
  inner["schema"] = schema;
  inner["tenant"] = initdata.guest.tenant.name;
  inner["pool"] = name_of(initdata.guest.pool);
  inner["index"] = initdata.guest.index;
  inner["network"]["mac"] = mac_text(initdata.network.mac);
  inner["network"]["address"] = ipv4_text(initdata.network.address);
  inner["network"]["gateway"] = ipv4_text(initdata.network.gateway);
  inner["attestation"]["url"] = initdata.attestation.url.text();
  inner["attestation"]["ca"] = initdata.attestation.ca;
  inner["kms"] = Json();
  if (const auto& kms = initdata.kms)
    inner["kms"] =
        Json::Object{{"url", kms->url.text()}, {"ca", kms->ca}, {"namespace", kms->name_space}, {"mount", kms->mount}};
  inner["time"] = Json();
  inner["volumes"] = Json::Array(initdata.volumes.begin(), initdata.volumes.end());
  if (!initdata.recovery.empty()) inner["recovery"] = Json::Array(initdata.recovery.begin(), initdata.recovery.end());
  return "version = \"0.1.0\"\nalgorithm = \"sha256\"\n\n[data]\n\"" + std::string(our_key) + "\" = '''\n" +
         without_apostrophes(inner.pretty()) + "'''\n";
}

Initdata parse_initdata(std::string_view text) {
  if (text.size() > longest_document) {
    throw Error(Kind::malformed, std::string(document) + ": " + std::to_string(text.size()) +
                                     " bytes, wanted at most " + std::to_string(longest_document));
  }
  const Json outer = parse_toml_strings(text, document);
  try {
    expect_members(outer, {"version", "algorithm", "data"}, "document");
    expect_text(outer, "version", "0.1.0");
    expect_text(outer, "algorithm", "sha256");
    const Json& data = object_of(outer, "data", {our_key});
    return parse_inner(Json::parse(text_of(data, our_key, "data.bulkhead.json"), our_key));
  } catch (const Error& error) {
    throw Error(error.kind(), std::string(document) + ": " + error.what());
  }
}

}  // namespace base
