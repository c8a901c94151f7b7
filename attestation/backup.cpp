#include "attestation/backup.h"

#include <algorithm>

#include "attestation/lease.h"
#include "attestation/wire/json_members.h"
#include "attestation/wire/jwe.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view schema = "bulkhead.service-backup/v1";
constexpr std::size_t largest_header = 1U << 16U;

void wipe_text(std::string& text) {
  base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

/// The header without nonce and tag, which is what the seal is bound to.
std::string bound(Json header) {
  header.object().erase("nonce");
  header.object().erase("tag");
  return header.compact();
}

Json parsed_header(std::string_view line) {
  Json header = wire::parse_message(line, {"schema", "tenant", "time", "auditHead", "recipient", "key", "nonce", "tag"},
                                    "service backup");
  if (wire::text_member(header, "schema", "service backup") != schema) {
    throw base::Error(base::Kind::malformed, "service backup: schema: wanted " + std::string(schema));
  }
  return header;
}

Backup backup_of(const Json& header, base::Bytes archive) {
  Backup backup;
  backup.tenant = wire::text_member(header, "tenant", "service backup");
  backup.time_ms = header.at("time").integer();
  const auto head = base::Sha256::parse(wire::text_member(header, "auditHead", "service backup"));
  if (!head) throw base::Error(base::Kind::malformed, "service backup: auditHead: wanted a SHA-256");
  backup.audit_head = *head;
  backup.files = base::read_tar_archive(archive, "service backup");
  return backup;
}

}  // namespace

Backup::~Backup() {
  for (base::TarMember& one : files) wipe_text(one.content);
}

const std::string& Backup::file(std::string_view path) const {
  const auto found = std::ranges::find_if(files, [&](const base::TarMember& one) { return one.path == path; });
  if (found == files.end()) throw base::Error(base::Kind::failure, "service backup: has no " + std::string(path));
  return found->content;
}

base::Buffer sealed_backup(const Backup& backup, const base::PublicKey& recipient) {
  const base::Secret content_key = base::random_secret(32);
  Json header = Json::Object{{"schema", schema},
                             {"tenant", backup.tenant},
                             {"time", backup.time_ms},
                             {"auditHead", backup.audit_head.hex()},
                             {"recipient", recipient.fingerprint().hex()},
                             {"key", wire::encrypt_to_guest(recipient.p256_point(), content_key.view())}};
  const base::Secret archive(base::tar_archive(backup.files));
  const base::SealedBox box = base::seal_aes256_gcm(content_key.view(), archive.view(), base::bytes_of(bound(header)));
  header["nonce"] = base::base64(box.nonce);
  header["tag"] = base::base64(box.tag);
  base::Buffer sealed = base::buffer_of(base::bytes_of(header.compact() + "\n"));
  base::append(sealed, box.ciphertext);
  return sealed;
}

Backup opened_backup(base::Bytes sealed, const base::PrivateKey& key) {
  const base::Bytes start = sealed.first(std::min(sealed.size(), largest_header));
  const auto end = std::ranges::find(start, static_cast<std::uint8_t>('\n'));
  if (end == start.end()) throw base::Error(base::Kind::malformed, "service backup: it does not begin with a header");
  const auto length = static_cast<std::size_t>(end - start.begin());
  const std::string line = base::text_of(sealed.first(length));
  const Json header = parsed_header(line);
  if (wire::text_member(header, "recipient", "service backup") != key.public_key().fingerprint().hex()) {
    throw base::Error(base::Kind::failure, "service backup: is for the key " + header.at("recipient").text());
  }
  const base::Secret content_key =
      wire::decrypt_in_guest(base::EcdhKey(key), wire::text_member(header, "key", "service backup"));
  const base::SealedBox box{wire::base64_member(header, "nonce", "service backup", 12),
                            base::buffer_of(sealed.subspan(length + 1)),
                            wire::base64_member(header, "tag", "service backup", 16)};
  const base::Secret archive = base::open_aes256_gcm(content_key.view(), box, base::bytes_of(bound(header)));
  return backup_of(header, archive.view());
}

Backup unsealed_backup(std::string_view line, base::Bytes archive) {
  return backup_of(parsed_header(line), archive);
}

std::int64_t begin_next_generation(Store& store, std::int64_t now_ms, const std::string& why) {
  for (const auto& [guest, stored] : store.leases()) {
    Lease lease = Lease::parse(stored);
    if (lease.ended.empty()) lease.ended = why;
    lease.boot += boots_between_generations;
    store.put_lease(guest, lease.json());
  }
  const std::int64_t number = store.generation().number + 1;
  store.put_generation({number, now_ms});
  return number;
}

}  // namespace attestation
