#include "attestation/backup.h"

#include <algorithm>

#include "attestation/lease.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view schema = "bulkhead.service-backup/v1";

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

constexpr ArchiveKind kind{"service backup", parsed_header};

}  // namespace

const std::string& Backup::file(std::string_view path) const {
  const auto found = std::ranges::find_if(files, [&](const base::TarMember& one) { return one.path == path; });
  if (found == files.end()) throw base::Error(base::Kind::failure, "service backup: has no " + std::string(path));
  return found->content;
}

base::Buffer sealed_backup(const Backup& backup, const base::PublicKey& recipient) {
  return sealed_archive(
      {{"schema", schema}, {"tenant", backup.tenant}, {"time", backup.time_ms}, {"auditHead", backup.audit_head.hex()}},
      backup.files, recipient);
}

Backup opened_backup(base::Bytes sealed, const base::PrivateKey& key) {
  const OpenedArchive opened = opened_archive(sealed, key, kind);
  return backup_of(opened.line, opened.archive.view());
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
