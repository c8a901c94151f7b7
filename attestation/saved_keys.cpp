#include "attestation/saved_keys.h"

#include <algorithm>
#include <optional>
#include <set>

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

constexpr std::string_view schema = "bulkhead.saved-keys/v1";
constexpr std::string_view name = "saved keys";
constexpr unsigned private_mode = 0600, public_mode = 0644;

base::Json parsed_line(std::string_view line) {
  base::Json json = wire::parse_message(line, {"schema", "recipient", "key", "nonce", "tag"}, name);
  if (wire::text_member(json, "schema", name) != schema)
    throw base::Error(base::Kind::malformed, std::string(name) + ": schema: wanted " + std::string(schema));
  return json;
}

constexpr ArchiveKind kind{name, parsed_line};

/// What a name may be: it becomes a file's in a folder, and is printed.
bool is_plain_name(std::string_view text) {
  const auto unprintable = [](char c) { return c < ' ' || c == 0x7f; };
  return text.find('/') == std::string_view::npos && std::find_if(text.begin(), text.end(), unprintable) == text.end();
}

std::optional<std::string> problem_of(const std::vector<base::TarMember>& files) {
  if (files.empty()) return "no file";
  if (files.size() > most_saved_files) return "more than " + std::to_string(most_saved_files) + " files";
  std::set<std::string_view> names;
  for (const base::TarMember& one : files) {
    if (one.type != base::TarMember::Type::file || !is_plain_name(one.path)) return "a member that is no plain file";
    if (one.mode != private_mode && one.mode != public_mode) return one.path + ": mode: wanted 0600 or 0644";
    if (!names.insert(one.path).second) return one.path + ": there twice";
  }
  return std::nullopt;
}

}  // namespace

base::Buffer sealed_keys(const SecretFiles& files, const base::PublicKey& recipient) {
  if (const auto problem = problem_of(files.files))
    throw base::Error(base::Kind::failure, std::string(name) + ": " + *problem);
  return sealed_archive({{"schema", schema}}, files.files, recipient);
}

SecretFiles opened_saved_keys(base::Bytes sealed, const base::PrivateKey& key) {
  const OpenedArchive opened = opened_archive(sealed, key, kind);
  return unsealed_keys(opened.archive.view());
}

SecretFiles unsealed_keys(base::Bytes archive) {
  SecretFiles files(base::read_tar_archive(archive, name));
  if (const auto problem = problem_of(files.files))
    throw base::Error(base::Kind::malformed, std::string(name) + ": " + *problem);
  return files;
}

}  // namespace attestation
