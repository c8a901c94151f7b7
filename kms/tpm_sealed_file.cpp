#include "kms/tpm_sealed_file.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

using base::Json;

constexpr const char* schema = "bulkhead.tpm-sealed/v1";
constexpr std::size_t largest_area = 1024;  // of a data object with 32 bytes and SHA-256: below 200
constexpr std::size_t largest_content = 1U << 20U;
constexpr std::size_t name_size = 2 + 32, nonce_size = 12, tag_size = 16;

// Source: TCG algorithm registry 1.34, table 3
constexpr std::uint16_t alg_keyed_hash = 0x0008, alg_sha256 = 0x000b, alg_null = 0x0010;
// TPMA_OBJECT
constexpr std::uint32_t fixed_tpm = 1U << 1U, fixed_parent = 1U << 4U, user_with_auth = 1U << 6U,
                        restricted = 1U << 16U, decrypt = 1U << 17U, sign = 1U << 18U;

[[noreturn]] void malformed(std::string_view name, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + what);
}

base::Buffer bytes_member(const Json& json, std::string_view key, std::string_view name, std::size_t limit) {
  std::optional<base::Buffer> bytes = base::from_base64(json.at(key).text());
  if (!bytes) malformed(name, std::string(key) + ": wanted base64");
  if (bytes->empty() || bytes->size() > limit)
    malformed(name, std::string(key) + ": got " + std::to_string(bytes->size()) + " bytes, wanted 1 to " +
                        std::to_string(limit));
  return *std::move(bytes);
}

base::Buffer sized_member(const Json& json, std::string_view key, std::string_view name, std::size_t size) {
  base::Buffer bytes = bytes_member(json, key, name, size);
  if (bytes.size() != size)
    malformed(name,
              std::string(key) + ": got " + std::to_string(bytes.size()) + " bytes, wanted " + std::to_string(size));
  return bytes;
}

void expect(const base::ByteReader& area, const char* what, std::uint64_t got, std::uint64_t wanted) {
  if (got != wanted)
    area.fail(std::string(what) + ": got " + base::hex_number(got) + ", wanted " + base::hex_number(wanted));
}

/// A TPM2B: its size, then as many bytes, which are all.
base::ByteReader sized_area(const std::string& name, base::Bytes area) {
  base::ByteReader whole(name, area);
  const auto size = whole.take_big_endian<std::uint16_t>();
  const base::Bytes content = whole.take(size);
  whole.expect_end();
  return {name, content, 2};
}

void check_public_area(base::Bytes bytes, bool with_policy, const std::string& name) {
  base::ByteReader area = sized_area(name + ": public", bytes);
  expect(area, "type", area.take_big_endian<std::uint16_t>(), alg_keyed_hash);
  expect(area, "nameAlg", area.take_big_endian<std::uint16_t>(), alg_sha256);
  constexpr std::uint32_t fixed = fixed_tpm | fixed_parent;
  const auto attributes = area.take_big_endian<std::uint32_t>();
  expect(area, "objectAttributes", attributes & (fixed | user_with_auth | restricted | decrypt | sign),
         with_policy ? fixed : fixed | user_with_auth);
  const auto policy = area.take_big_endian<std::uint16_t>();
  expect(area, "size of authPolicy", policy, with_policy ? 32 : 0);
  area.skip(policy);
  expect(area, "scheme", area.take_big_endian<std::uint16_t>(), alg_null);
  expect(area, "size of unique", area.take_big_endian<std::uint16_t>(), 32);
  area.skip(32);
  area.expect_end();
}

std::vector<unsigned> parse_pcrs(const Json& json, std::string_view name) {
  if (json.is_null()) return {};
  base::expect_members(json, {"bank", "selection"}, name);
  if (json.at("bank").text() != "sha256") malformed(name, "bank: got '" + json.at("bank").text() + "', wanted sha256");
  std::vector<unsigned> pcrs;
  for (const Json& one : json.at("selection").array()) {
    if (one.integer() < 0 || one.integer() > 23)
      malformed(name, "selection: got " + std::to_string(one.integer()) + ", wanted 0 to 23");
    pcrs.push_back(static_cast<unsigned>(one.integer()));
  }
  if (pcrs.empty()) malformed(name, "selection: wanted a register, or null for none");
  check_sealing_pcrs(pcrs, name);
  return pcrs;
}

/// What the content is bound to.
Json head_of(const TpmSealedKey& key) {
  Json pcrs = nullptr;
  if (!key.pcrs.empty()) {
    Json::Array selection;
    for (const unsigned pcr : key.pcrs) selection.emplace_back(pcr);
    pcrs = Json::Object{{"bank", "sha256"}, {"selection", std::move(selection)}};
  }
  return Json::Object{
      {"schema", schema},
      {"parent", base::hex(key.parent)},
      {"object", Json::Object{{"public", base::base64(key.public_area)}, {"private", base::base64(key.private_area)}}},
      {"pcrs", std::move(pcrs)}};
}

TpmSealedKey parse_key(const Json& json, const std::string& name) {
  TpmSealedKey key;
  key.pcrs = parse_pcrs(json.at("pcrs"), name + ": pcrs");
  const Json& object = json.at("object");
  base::expect_members(object, {"public", "private"}, name + ": object");
  key.public_area = bytes_member(object, "public", name + ": object", largest_area);
  key.private_area = bytes_member(object, "private", name + ": object", largest_area);
  check_public_area(key.public_area, !key.pcrs.empty(), name + ": object");
  sized_area(name + ": object: private", key.private_area);
  const std::optional<base::Buffer> parent = base::from_hex(json.at("parent").text());
  if (!parent || parent->size() != name_size || (*parent)[0] != 0 || (*parent)[1] != alg_sha256)
    malformed(name, "parent: wanted the Name of a key, 000b and SHA-256 in hexadecimal");
  key.parent = *parent;
  return key;
}

}  // namespace

void check_sealing_pcrs(const std::vector<unsigned>& pcrs, std::string_view name) {
  for (std::size_t i = 0; i < pcrs.size(); ++i) {
    if (pcrs[i] > 23) malformed(name, "got PCR " + std::to_string(pcrs[i]) + ", wanted 0 to 23");
    if (pcrs[i] == 16 || pcrs[i] == 23)
      malformed(name, "PCR " + std::to_string(pcrs[i]) + " says nothing: anybody may reset it");
    if (i > 0 && pcrs[i] <= pcrs[i - 1])
      malformed(name,
                "PCR " + std::to_string(pcrs[i]) + " after " + std::to_string(pcrs[i - 1]) + ", wanted ascending");
  }
}

bool is_tpm_sealed(base::Bytes content) {
  // Not inside a string of another document, where its quotation mark would have a backslash before it.
  constexpr std::string_view claim = "\"bulkhead.tpm-sealed/";
  const base::Bytes wanted = base::bytes_of(claim);
  const auto found = std::search(content.begin(), content.end(), wanted.begin(), wanted.end());
  return found != content.end() && found != content.begin() && *(found - 1) != '\\';
}

TpmSealedFile parse_tpm_sealed(std::string_view text, std::string_view name) {
  const Json json = Json::parse(text, name);
  base::expect_members(json, {"schema", "parent", "object", "pcrs", "content"}, name);
  if (json.at("schema").text() != schema)
    malformed(name, "schema: got '" + json.at("schema").text() + "', wanted " + schema);
  const std::string where(name);
  const Json& content = json.at("content");
  base::expect_members(content, {"nonce", "ciphertext", "tag"}, where + ": content");
  return {parse_key(json, where),
          {sized_member(content, "nonce", where + ": content", nonce_size),
           bytes_member(content, "ciphertext", where + ": content", largest_content),
           sized_member(content, "tag", where + ": content", tag_size)}};
}

std::string TpmSealedFile::associated_data() const {
  return head_of(key).compact();
}

std::string TpmSealedFile::text() const {
  Json json = head_of(key);
  json["content"] = Json::Object{{"nonce", base::base64(content.nonce)},
                                 {"ciphertext", base::base64(content.ciphertext)},
                                 {"tag", base::base64(content.tag)}};
  return json.pretty();
}

}  // namespace kms
