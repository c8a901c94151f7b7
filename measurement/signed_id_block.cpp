#include "measurement/signed_id_block.h"

#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

using base::Json;

base::Buffer bytes_of(const Json& json, std::string_view member) {
  if (auto bytes = base::from_base64(json.at(member).text())) return std::move(*bytes);
  throw base::Error(base::Kind::malformed, "signed ID block: " + std::string(member) + " is no base64");
}

/// Collects what differs, each with got and wanted.
class Problems {
 public:
  void compare(const std::string& field, const std::string& got, const std::string& wanted) {
    if (got != wanted) found_.push_back(field + ": got " + got + ", wanted " + wanted);
  }
  void expect(bool holds, const std::string& otherwise) {
    if (!holds) found_.push_back(otherwise);
  }
  [[nodiscard]] std::vector<std::string> found() && { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

std::string digest_or_none(const std::optional<base::Sha384>& digest) {
  return digest ? digest->hex() : "none";
}

void compare_blocks(Problems& problems, const IdBlock& got, const IdBlock& wanted) {
  problems.compare("launch digest", got.launch_digest.hex(), wanted.launch_digest.hex());
  problems.compare("policy", base::hex_number(got.policy), base::hex_number(wanted.policy));
  problems.compare("guest SVN", std::to_string(got.guest_svn), std::to_string(wanted.guest_svn));
  problems.compare("family ID", base::hex(got.family_id), base::hex(wanted.family_id));
  problems.compare("image ID", base::hex(got.image_id), base::hex(wanted.image_id));
}

}  // namespace

Json signed_id_block_json(const SignedIdBlock& made) {
  return Json::Object{{"idBlock", base::base64(id_block_bytes(made.block))},
                      {"idAuth", base::base64(id_authentication_bytes(made.authentication))}};
}

SignedIdBlock parse_signed_id_block(const Json& json) {
  base::expect_members(json, {"idBlock", "idAuth"}, "signed ID block");
  return {parse_id_block(bytes_of(json, "idBlock")), parse_id_authentication(bytes_of(json, "idAuth"))};
}

IdBlock id_block_of(const SnpReferenceValues& values) {
  return {values.launch_digest, values.identity->family_id, values.identity->image_id, 1, values.guest_svn,
          values.policy};
}

std::vector<std::string> id_block_problems(const SignedIdBlock& made, const SnpReferenceValues& wanted) {
  Problems problems;
  compare_blocks(problems, made.block, id_block_of(wanted));
  const IdAuthentication& authentication = made.authentication;
  problems.compare("ID key's digest", id_key_digest(authentication.id.key).hex(), wanted.identity->id_key_digest.hex());
  std::optional<base::Sha384> author;
  if (authentication.author) author = id_key_digest(authentication.author->key);
  problems.compare("author key's digest", digest_or_none(author), digest_or_none(wanted.identity->author_key_digest));
  const IdVerdict verdict = verify(made.block, authentication);
  problems.expect(verdict.id_block_signed, "the ID key's signature over the ID block is not genuine");
  problems.expect(verdict.id_key_signed.value_or(true), "the author key's signature over the ID key is not genuine");
  return std::move(problems).found();
}

bool authenticates(const IdAuthentication& authentication, const IdBlock& block, const base::P384Point& id,
                   const std::optional<base::P384Point>& author) {
  const bool same_keys = authentication.id.key == id && authentication.author.has_value() == author.has_value() &&
                         (!author || authentication.author->key == *author);
  return same_keys && verify(block, authentication).genuine();
}

}  // namespace measurement
