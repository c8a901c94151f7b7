#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "attestation/audit_log.h"
#include "attestation/backup.h"
#include "attestation/daemon_files.h"
#include "attestation/key_generation.h"
#include "attestation/revocation.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "cli/service.h"
#include "provisioner/marked_file.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
using attestation::Backup;
using base::Error;
using base::Kind;

constexpr std::size_t largest_backup = 1U << 28U;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

base::PrivateKey read_key(const std::string& path) {
  const base::Secret text = base::read_secret_file(path);
  return base::PrivateKey::from_pem(base::text_of(text.view()), path);
}

attestation::ServiceBundle bundle_of(const Backup& backup) {
  return attestation::ServiceBundle::parse(base::Secret(base::buffer_of(base::bytes_of(backup.file("bundle.json")))),
                                           backup.tenant);
}

/// A backup that a service of this tenant would start from.
Backup checked(const RestoreServiceOptions& options) {
  Backup backup =
      attestation::opened_backup(base::bytes_of(base::read_file(options.from, largest_backup)), read_key(options.key));
  if (backup.tenant != options.tenant) {
    throw Error(Kind::failure, options.from + ": is of tenant '" + backup.tenant + "'");
  }
  const attestation::ServiceBundle bundle = bundle_of(backup);
  const auto config = attestation::ServiceConfig::parse(backup.file("config.json"));
  for (const std::string& database : {std::string("service.sqlite"), attestation::key_file_of(config)})
    if (!database.empty()) static_cast<void>(backup.file(database));
  if (const auto problem = base::certificate_problem(bundle.tls_certificate, config.ca, backup.time_ms / 1000)) {
    throw Error(Kind::failure, options.from + ": service bundle: tlsCertificate: " + *problem);
  }
  return backup;
}

/// It was in order when the backup was made; what has ended since can be renewed in what was restored.
void print_ended_certificate(const Backup& backup, const std::string& state, Console& console) {
  const auto config = attestation::ServiceConfig::parse(backup.file("config.json"));
  const auto problem = base::certificate_problem(bundle_of(backup).tls_certificate, config.ca, now_ms() / 1000);
  if (!problem) return;
  console.out << coloured(console, "The service does not start with the bundle in it: " + *problem, "31")
              << "\n  its owner makes the next one: bulkhead keys rotate " << state << "/bundle.json --ca CA.pem\n";
}

/// The log that the restored service goes on with: the old one, which must hold the moment of the backup, or none.
std::string audit_log_for(const Backup& backup, const std::string& path) {
  if (path.empty()) return {};
  const std::string text = base::read_file(path);
  const attestation::AuditLogCheck check = attestation::check_audit_log(text);
  if (check.problem) throw Error(Kind::failure, path + ": " + *check.problem);
  if (!attestation::has_link(text, backup.audit_head)) {
    throw Error(Kind::failure,
                path + ": has no line with SHA-256 " + backup.audit_head.hex() +
                    ", which was its last when the backup was made: it is another log, or lines were cut off");
  }
  return text.substr(0, check.whole_bytes);
}

void write_files(const Backup& backup, const std::string& folder) {
  for (const base::TarMember& one : backup.files) {
    const fs::path path = fs::path(folder) / one.path;
    fs::create_directories(path.parent_path());
    ::chmod(path.parent_path().c_str(), 0700);
    base::write_new_secret_file(path, base::Secret(base::buffer_of(base::bytes_of(one.content))));
  }
}

/// What a restored service begins with.
struct Begun {
  std::int64_t generation = 0;
  std::vector<std::string> keys;  ///< "worker/0/data in-use, version 1"
  std::string kms;                ///< where the keys themselves are, outside the backup; "": in it
};

/// The store opens with the backup's own bundle, its records are whole, and nothing later of the lost store is newer.
/// @param noted the last generation that the old audit log notes
/// @return its new generation; nullopt for one whose records are not in the backup
std::optional<std::uint64_t> begin_key_generation(const Backup& backup, const std::string& folder, std::uint64_t noted,
                                                  Begun& begun) {
  const auto config = attestation::ServiceConfig::parse(backup.file("config.json"));
  if (config.kms) begun.kms = config.kms->text();
  if (attestation::key_file_of(config).empty()) return std::nullopt;
  const attestation::ServiceBundle bundle = bundle_of(backup);
  kms::OpenedKeys store = attestation::open_keys(bundle, config, backup.tenant, folder);
  const std::uint64_t from = std::max(noted, store.records->generation());
  store.records->skip_generations(from - store.records->generation() + attestation::key_writes_between_generations);
  for (const kms::KeyName& name : store.keys.names()) {
    const kms::KeyStatus status = store.keys.status(name);
    begun.keys.push_back(name.text() + " " + std::string(kms::name_of(status.state)) +
                         (status.current == 0 ? "" : ", version " + std::to_string(status.current)));
  }
  return store.records->generation();
}

/// Leases end, boots count on, and databases and audit log say so.
Begun begin_generation(const Backup& backup, const std::string& folder, std::string audit) {
  Begun begun;
  const std::int64_t now = now_ms();
  const auto store = attestation::open_sqlite_store(folder + "/service.sqlite");
  begun.generation = attestation::begin_next_generation(
      *store, now, "the service was restored from a backup of " + base::utc_text(backup.time_ms / 1000));
  const auto key_generation =
      begin_key_generation(backup, folder, attestation::noted_key_generation(audit).value_or(0), begun);
  attestation::AuditLog log(attestation::check_audit_log(audit).head,
                            [&](const std::string& line) { audit += line + "\n"; });
  base::Json::Object facts{
      {"backup", backup.time_ms}, {"backupAuditHead", backup.audit_head.hex()}, {"generation", begun.generation}};
  if (key_generation) facts[std::string(attestation::key_generation_fact)] = static_cast<std::int64_t>(*key_generation);
  log.record(now, "restored", std::move(facts));
  base::write_new_secret_file(folder + "/audit.jsonl", base::Secret(base::buffer_of(base::bytes_of(audit))));
  return begun;
}

/// Renames over what must not be there, or be an empty directory.
void put_in_place(const std::string& made, const std::string& state) {
  if (::rename(made.c_str(), state.c_str()) == 0) return;
  const std::string reason = std::strerror(errno);
  fs::remove_all(made);
  throw Error(Kind::failure, "cannot make " + state + ": " + reason + "; a restore replaces nothing");
}

void print_what_is_lost(const Backup& backup, const std::string& state, const Begun& begun, Console& console) {
  const auto store = attestation::open_sqlite_store(state + "/service.sqlite");
  console.out
      << "What the service decided after " << base::utc_text(backup.time_ms / 1000)
      << " is not in it. Enrol guests that are newer (`apply`), and make later revocations again. In force are:\n";
  for (const base::Json& one : store->revocations()) {
    console.out << "  " << attestation::Revocation::parse(one).text() << "\n";
  }
  if (store->revocations().empty()) console.out << "  none\n";
  if (!begun.kms.empty())
    console.out << "Its keys are in its KMS, " << begun.kms << ", and what was done to them there stays done.\n";
  if (!begun.kms.empty() && begun.keys.empty()) return;
  console.out << "Keys are as they were then; later ones, and what was done to these later, is lost:\n";
  for (const std::string& key : begun.keys) console.out << "  " << key << "\n";
  if (begun.keys.empty()) console.out << "  none\n";
}

}  // namespace

int restore_service(const RestoreServiceOptions& options, Console& console) {
  const bool for_apply = options.state.empty();
  const std::string state = for_apply ? options.store + "/tenants/" + options.tenant + "/service" : options.state;
  std::error_code absent;
  if (fs::exists(state, absent) && !fs::is_empty(state, absent)) {
    throw Error(Kind::failure, state + " exists already; a restore replaces nothing");
  }
  const Backup backup = checked(options);
  const std::string audit = audit_log_for(backup, options.audit);
  const std::string made = state + ".restoring";
  fs::remove_all(made);  // of a restore that was interrupted
  if (for_apply) provisioner::make_store_directories(state);
  if (::mkdir(made.c_str(), 0700) != 0) throw Error(Kind::failure, "cannot make " + made + ": " + std::strerror(errno));
  write_files(backup, made);
  const Begun begun = begin_generation(backup, made, audit);
  if (for_apply) provisioner::set_file_mark(made, {base::TenantId{options.tenant}, base::Sha256{}});
  put_in_place(made, state);
  console.out << state << ": the service of " << options.tenant << " as of " << base::utc_text(backup.time_ms / 1000)
              << ", generation " << begun.generation << "; every guest has to attest again\n";
  if (for_apply) console.out << "`bulkhead plan` and `apply` start it\n";
  print_what_is_lost(backup, state, begun, console);
  print_ended_certificate(backup, state, console);
  return 0;
}

}  // namespace cli
