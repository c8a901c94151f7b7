#include "cli/id_block_files.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "measurement/signed_id_block.h"

namespace cli {
namespace {

using base::Error;
using base::Json;
using base::Kind;

constexpr std::size_t largest = 1U << 16U;

bool is_structure(std::size_t size) {
  return size == measurement::id_block_size || size == measurement::id_authentication_size;
}

/// The bytes of a file, or those its base64 text stands for.
base::Buffer structure_in(const std::string& path) {
  std::string text = base::read_file(path, largest);
  if (is_structure(text.size())) return base::buffer_of(base::bytes_of(text));
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  const std::optional<base::Buffer> decoded = base::from_base64(text);
  if (decoded && is_structure(decoded->size())) return *decoded;
  throw Error(Kind::malformed,
              path + ": got " +
                  (decoded ? "base64 of " + std::to_string(decoded->size()) : std::to_string(text.size())) +
                  " bytes, wanted an ID block (96) or an ID authentication (4096), or base64 of one");
}

/// The only digest of a document by vCPU counts, or that of `vcpus`.
const std::string& digest_by_vcpus(const Json& digests, const std::optional<std::string>& vcpus,
                                   const std::string& path) {
  if (!vcpus && digests.object().size() == 1) return digests.object().begin()->second.text();
  if (const Json* const digest = vcpus ? digests.find(*vcpus) : nullptr) return digest->text();
  std::string counts;
  for (const auto& [count, digest] : digests.object()) counts += (counts.empty() ? "" : ", ") + count;
  throw Error(Kind::usage, path + ": --vcpus: wanted one of " + counts);
}

}  // namespace

void read_id_block_file(const std::string& path, IdBlockDocuments& documents) {
  const base::Buffer bytes = structure_in(path);
  const bool block = bytes.size() == measurement::id_block_size;
  if (block ? documents.block.has_value() : documents.authentication.has_value())
    throw Error(Kind::usage, path + ": a second " + (block ? "ID block" : "ID authentication"));
  if (block)
    documents.block = measurement::parse_id_block(bytes);
  else
    documents.authentication = measurement::parse_id_authentication(bytes);
}

std::optional<measurement::IdAuthentication> kept_authentication(const std::string& path,
                                                                 const measurement::IdBlock& block,
                                                                 const base::Signer& id, const base::Signer* author) {
  const std::optional<std::string> bytes = base::read_file_if_any(path, largest);
  if (!bytes || bytes->size() != measurement::id_authentication_size) return std::nullopt;
  try {
    measurement::IdAuthentication found = measurement::parse_id_authentication(base::bytes_of(*bytes));
    std::optional<base::P384Point> author_point;
    if (author) author_point = base::p384_point(author->public_key());
    if (authenticates(found, block, base::p384_point(id.public_key()), author_point)) return found;
  } catch (const Error& error) {
    if (error.kind() != Kind::malformed) throw;  // another file: it is replaced
  }
  return std::nullopt;
}

measurement::GuestIdentifier guest_identifier(const std::string& flag, const std::string& text) {
  measurement::GuestIdentifier identifier{};
  const std::optional<base::Buffer> digits = text.size() == 2 * identifier.size() ? base::from_hex(text) : std::nullopt;
  const base::Bytes bytes = digits ? base::Bytes(*digits) : base::bytes_of(text);
  if (bytes.size() > identifier.size())
    throw Error(Kind::usage, flag + ": got '" + text + "', wanted 32 hexadecimal digits or a text of at most 16 bytes");
  std::copy(bytes.begin(), bytes.end(), identifier.begin());
  return identifier;
}

measurement::LaunchDigest measured_launch_digest(const std::string& path, const std::optional<std::string>& vcpus) {
  const Json document = Json::parse(base::read_file(path, largest << 8U), path);
  const Json* const schema = document.find("schema");
  if (!schema || !schema->is_string() || schema->text() != "bulkhead.measurement/v1")
    throw Error(Kind::malformed, path + ": wanted a bulkhead.measurement/v1 document");
  const Json* const digests = document.find("launchDigest");
  if (!digests) throw Error(Kind::malformed, path + ": missing member 'launchDigest'");
  const std::string& text = digests->is_object() ? digest_by_vcpus(*digests, vcpus, path) : digests->text();
  if (const auto digest = measurement::LaunchDigest::parse(text)) return *digest;
  throw Error(Kind::malformed, path + ": launchDigest: got '" + text + "', wanted 96 hexadecimal digits (SEV-SNP)");
}

}  // namespace cli
