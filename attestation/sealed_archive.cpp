#include "attestation/sealed_archive.h"

#include <algorithm>

#include "attestation/wire/json_members.h"
#include "attestation/wire/jwe.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::size_t longest_line = 1U << 16U;

/// The line without nonce and tag, which is what the seal is bound to.
std::string bound(Json line) {
  line.object().erase("nonce");
  line.object().erase("tag");
  return line.compact();
}

}  // namespace

SecretFiles::~SecretFiles() {
  for (base::TarMember& one : files)
    base::wipe({reinterpret_cast<std::uint8_t*>(one.content.data()), one.content.size()});
}

base::Buffer sealed_archive(Json::Object line, const std::vector<base::TarMember>& files,
                            const base::PublicKey& recipient) {
  const base::Secret content_key = base::random_secret(32);
  line["recipient"] = recipient.fingerprint().hex();
  line["key"] = wire::encrypt_to_guest(recipient.p256_point(), content_key.view());
  Json header(std::move(line));
  const base::Secret archive(base::tar_archive(files));
  const base::SealedBox box = base::seal_aes256_gcm(content_key.view(), archive.view(), base::bytes_of(bound(header)));
  header["nonce"] = base::base64(box.nonce);
  header["tag"] = base::base64(box.tag);
  base::Buffer sealed = base::buffer_of(base::bytes_of(header.compact() + "\n"));
  base::append(sealed, box.ciphertext);
  return sealed;
}

OpenedArchive opened_archive(base::Bytes sealed, const base::PrivateKey& key, const ArchiveKind& kind) {
  const std::string name(kind.name);
  const base::Bytes start = sealed.first(std::min(sealed.size(), longest_line));
  const auto end = std::ranges::find(start, static_cast<std::uint8_t>('\n'));
  if (end == start.end()) throw base::Error(base::Kind::malformed, name + ": it does not begin with a header");
  const auto length = static_cast<std::size_t>(end - start.begin());
  Json line = kind.parsed_line(base::text_of(sealed.first(length)));
  if (wire::text_member(line, "recipient", name) != key.public_key().fingerprint().hex()) {
    throw base::Error(base::Kind::failure, name + ": is for the key " + line.at("recipient").text());
  }
  const base::Secret content_key = wire::decrypt_in_guest(base::EcdhKey(key), wire::text_member(line, "key", name));
  const base::SealedBox box{wire::base64_member(line, "nonce", name, 12), base::buffer_of(sealed.subspan(length + 1)),
                            wire::base64_member(line, "tag", name, 16)};
  base::Secret archive = base::open_aes256_gcm(content_key.view(), box, base::bytes_of(bound(line)));
  return {std::move(line), std::move(archive)};
}

}  // namespace attestation
