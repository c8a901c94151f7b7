#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>

#include "attestation/daemon_files.h"
#include "attestation/key_generation.h"
#include "attestation/server.h"
#include "attestation/service.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "kms/sealed_secret.h"

/// bulkhead-attestd: the attestation service of one tenant.
namespace {

using Flags = std::map<std::string, std::string>;

constexpr const char* usage =
    "usage: bulkhead-attestd --tenant NAME --state DIR --listen IP:PORT --admin SOCKET --lock FILE [--credentials "
    "DIR] [--tpm device:PATH]\n";

Flags parse_flags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i + 1 < argc; i += 2) flags[argv[i]] = argv[i + 1];
  for (const char* name : {"--tenant", "--state", "--listen", "--admin", "--lock"}) {
    if (flags.count(name) == 0) throw base::Error(base::Kind::usage, std::string("missing ") + name);
  }
  const std::size_t wanted = 5 + flags.count("--credentials") + flags.count("--tpm");
  if (flags.size() != wanted || static_cast<std::size_t>(argc) != 1 + 2 * wanted)
    throw base::Error(base::Kind::usage, "unknown or repeated flag");
  return flags;
}

/// No core dumps, no ptrace by the same user, nothing readable by others; files for every connection there may be. A
/// peer that hangs up is an error and no signal: libcurl leaves that to its program.
void harden() {
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_DUMPABLE, 0);
  umask(077);
}

/// Takes the lock for the life of the process; F_GETLK on the file names us.
void hold_lock(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (file < 0 || fcntl(file, F_SETLK, &lock) != 0) {
    throw base::Error(base::Kind::failure, "cannot lock " + path + ": " + std::strerror(errno));
  }
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw base::Error(base::Kind::failure, "cannot " + what + " " + path + ": " + std::strerror(errno));
}

/// Appends lines to the audit log and syncs each. A line that a killed service left cut off goes: what it was to say
/// was never acted upon.
attestation::AuditLog open_audit_log(const std::string& path) {
  const std::string text = base::read_file_if_any(path).value_or("");
  const attestation::AuditLogCheck check = attestation::check_audit_log(text);
  if (check.problem) throw base::Error(base::Kind::failure, path + ": " + *check.problem);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) fail("open", path);
  if (check.cut_off && ftruncate(file, static_cast<off_t>(check.whole_bytes)) != 0) fail("shorten", path);
  attestation::AuditLog log(check.head, [file, path](const std::string& line) {
    const std::string whole = line + "\n";
    if (write(file, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()) || fdatasync(file) != 0) {
      fail("write", path);
    }
  });
  if (check.cut_off) {
    log.record(now_ms(), "cut-off line removed",
               {{"bytes", static_cast<std::int64_t>(text.size() - check.whole_bytes)}});
  }
  return log;
}

/// Why the service may give no key of this store; "" when it may, as of one whose records are with the provider.
std::string obstacle_to_keys(const kms::OpenedKeys& keys, const std::string& audit_log) {
  if (keys.records == nullptr) return {};
  const auto noted = attestation::noted_key_generation(base::read_file_if_any(audit_log).value_or(""));
  return attestation::older_store(keys.records->generation(), noted).value_or("");
}

std::function<std::uint64_t()> generation_of(const kms::OpenedKeys& keys) {
  if (keys.records == nullptr) return nullptr;
  return [&records = *keys.records] { return records.generation(); };
}

/// Every file below some folders in the order of their names; none for a folder that is not there.
std::vector<std::string> files_below(const std::string& root, std::initializer_list<const char*> folders) {
  std::vector<std::string> files;
  for (const char* folder : folders) {
    std::error_code problem;
    if (!std::filesystem::exists(root + folder, problem)) continue;
    for (std::filesystem::recursive_directory_iterator entry(root + folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
      if (entry->is_regular_file(problem)) files.push_back(entry->path().string());
    }
    if (problem) throw base::Error(base::Kind::failure, "cannot read " + root + folder + ": " + problem.message());
  }
  std::ranges::sort(files);
  return files;
}

/// What the vendors say of their hardware, as files in their own formats below DIR/collateral: Intel's in `tdx`, AMD's
/// in `snp`, or both as `bulkhead certificates import` stores them.
attestation::VendorCollateral load_collateral(const std::string& root) {
  constexpr std::size_t limit = 16U << 20U;
  attestation::VendorCollateral collateral;
  for (const std::string& path : files_below(root, {"tdx", "intel"})) {
    attestation::add_tdx_collateral(collateral.tdx, base::bytes_of(base::read_file(path, limit)), path);
  }
  for (const std::string& path : files_below(root, {"snp", "amd", "vcek", "vlek"})) {
    base::X509Objects found = base::parse_x509(base::bytes_of(base::read_file(path, limit)), path);
    std::ranges::move(found.certificates, std::back_inserter(collateral.snp.certificates));
    std::ranges::move(found.revocation_lists, std::back_inserter(collateral.snp.revocation_lists));
  }
  return collateral;
}

/// A file of the state directory for a backup, when it is there.
void add_file(std::vector<base::TarMember>& files, const std::string& name, const std::string& path) {
  if (auto content = base::read_file_if_any(path, 1U << 24U)) {
    files.push_back({name, base::TarMember::Type::file, 0600, std::move(*content)});
  }
}

/// The service's bundle, and the TPM that opens it when it is sealed to one.
struct BundleFile {
  std::string path, tpm;
  [[nodiscard]] base::Secret read() const { return kms::read_secret(path, tpm); }
};

BundleFile bundle_file(const Flags& flags, const std::string& given) {
  const auto tpm = flags.find("--tpm");
  return {given + "bundle.json", tpm == flags.end() ? kms::default_tpm : kms::tpm_address(tpm->second, "--tpm")};
}

/// Everything the service would start from but its keys, wherever its credentials come from. A database is copied by
/// who has it open. The bundle is opened, since a restore is for another machine than the one whose TPM it is sealed
/// to; the backup is sealed to its owner's key.
std::vector<base::TarMember> files_to_keep(const BundleFile& bundle, const std::string& given, const std::string& state,
                                           attestation::Store& store) {
  std::vector<base::TarMember> files{
      {"service.sqlite", base::TarMember::Type::file, 0600, base::text_of(store.content())}};
  files.push_back({"bundle.json", base::TarMember::Type::file, 0600, base::text_of(bundle.read().view())});
  add_file(files, "config.json", given + "config.json");
  add_file(files, "approval.json", state + "approval.json");
  for (const std::string& path : files_below(state + "collateral/", {"tdx", "intel", "snp", "amd", "vcek", "vlek"})) {
    add_file(files, path.substr(state.size()), path);
  }
  return files;
}

/// The file that the key store keeps itself, when it does.
std::vector<base::TarMember> key_files_to_keep(const std::string& name, const kms::OpenedKeys& keys) {
  if (keys.records == nullptr) return {};
  return {{name, base::TarMember::Type::file, 0600, base::text_of(keys.records->content())}};
}

class GuestSide final : public attestation::RequestHandler {
 public:
  explicit GuestSide(attestation::Service& service) : service_(service) {}
  attestation::Answer handle(const attestation::Request& request) override { return service_.begin_guest(request); }
  void dropped(const std::string& source, const std::string& why) override { service_.note_dropped(source, why); }

 private:
  attestation::Service& service_;
};

class AdminSide final : public attestation::RequestHandler {
 public:
  explicit AdminSide(attestation::Service& service) : service_(service) {}
  attestation::Answer handle(const attestation::Request& request) override { return service_.begin_admin(request); }

 private:
  attestation::Service& service_;
};

/// An approval that no longer verifies, such as an expired one, leaves the service running without any.
void load_stored_approval(attestation::Service& service, const std::string& path, attestation::AuditLog& audit) {
  const auto approval = base::read_file_if_any(path, 1U << 22U);
  if (!approval) return;
  try {
    service.load_approval(*approval);
  } catch (const base::Error& problem) {
    audit.record(now_ms(), "stored approval refused", {{"reason", problem.what()}});
  }
}

attestation::ServerOptions server_options(const Flags& flags, attestation::ServiceBundle& bundle,
                                          const std::string& ca) {
  const std::string& listen = flags.at("--listen");
  const std::size_t colon = listen.find(':');
  unsigned short port = 0;
  const char* end = listen.data() + listen.size();
  const char* digits = colon == std::string::npos ? end : listen.data() + colon + 1;
  if (std::from_chars(digits, end, port).ptr != end || digits == end) {
    throw base::Error(base::Kind::usage, "--listen: wanted IP:PORT, got '" + listen + "'");
  }
  attestation::ServerOptions options;
  options.address = listen.substr(0, colon);
  options.port = port;
  options.tls_key = std::move(bundle.tls_key);
  options.tls_certificate = bundle.tls_certificate;
  options.client_ca = ca;
  options.admin_socket = flags.at("--admin");
  return options;
}

/// What the audit log is told of a start. @param obstacle obstacle_to_keys()
void note_start(attestation::AuditLog& audit, const attestation::Service& service, attestation::Store& store,
                const kms::OpenedKeys& keys, const attestation::ServiceConfig& config, const std::string& obstacle) {
  base::Json::Object facts{{"generation", store.generation().number},
                           {"keyStore", keys.keys.provider()},
                           {"tokenKey", service.token_key_id()}};
  if (!obstacle.empty()) {
    audit.record(now_ms(), "key store refused", {{"reason", obstacle}});
  } else if (keys.records != nullptr) {
    facts[std::string(attestation::key_generation_fact)] = static_cast<std::int64_t>(keys.records->generation());
  }
  if (keys.key_changed) audit.record(now_ms(), "storage key changed", {{"file", attestation::key_file_of(config)}});
  audit.record(now_ms(), "started", std::move(facts));
}

/// Answers until a signal. @param at_kms whether the keys are where an answer may take its time
void run(attestation::Server& server, attestation::Service& service, attestation::AuditLog& audit, bool at_kms) {
  if (at_kms) {
    server.undertake(service.settle_keys());
  } else {
    static_cast<void>(attestation::completed(service.settle_keys()));
  }
  server.keep_undertaking([&service] { return service.credential_has_time(); },
                          [&service] { return service.keep_credential(); });
  server.run();
  // A token that does not answer holds a thread up for ever, as a kill would find it: nothing that it is at is lost.
  const bool ended = server.end_work_within(std::chrono::seconds(3));
  audit.record(now_ms(), "stopped", ended ? base::Json::Object{} : base::Json::Object{{"unfinished", true}});
  if (!ended) std::_Exit(0);
}

void serve(const Flags& flags) {
  const std::string& tenant = flags.at("--tenant");
  const std::string state = flags.at("--state") + "/";
  const auto credentials = flags.find("--credentials");
  const std::string given = credentials == flags.end() ? state : credentials->second + "/";
  const BundleFile sealed = bundle_file(flags, given);
  auto bundle = attestation::ServiceBundle::parse(sealed.read(), tenant);
  const auto config = attestation::ServiceConfig::parse(base::read_file(given + "config.json", 1U << 20U));
  if (const auto problem = base::certificate_problem(bundle.tls_certificate, config.ca, now_ms() / 1000)) {
    throw base::Error(base::Kind::failure, "service bundle: tlsCertificate: " + *problem);
  }
  const auto store = attestation::open_sqlite_store(state + "service.sqlite");
  kms::OpenedKeys keys = attestation::open_keys(bundle, config, tenant, flags.at("--state"));
  const std::string kms_certificate = bundle.kms ? bundle.kms->certificate() : "";
  bundle.kms.reset();
  attestation::AuditLog audit = open_audit_log(state + "audit.jsonl");
  const std::string obstacle = obstacle_to_keys(keys, state + "audit.jsonl");
  const std::string approval_path = state + "approval.json";
  const std::string url = bundle.url.empty() ? "https://" + flags.at("--listen") : bundle.url;
  const std::string chain = bundle.token_certificate.empty() ? "" : bundle.token_certificate + config.ca;
  attestation::Service service(
      {tenant,
       config.approval_keys,
       {bundle.token_key, url, chain},
       bundle.key_for("bulkhead nonce v1"),
       std::move(bundle.storage_key),
       *store,
       keys.keys,
       audit,
       now_ms,
       [approval_path](const std::string& envelope) { base::write_file_atomically(approval_path, envelope, 0600); },
       bundle.guest_ca,
       load_collateral(state + "collateral/"),
       [state] { return load_collateral(state + "collateral/"); },
       [sealed, given, state, &store] { return files_to_keep(sealed, given, state, *store); },
       config.ca,
       generation_of(keys),
       obstacle,
       [name = attestation::key_file_of(config), &keys] { return key_files_to_keep(name, keys); },
       config.kms && config.kms->model == kms::Model::passport ? config.kms : std::nullopt,
       keys.credential.get(),
       bundle.tls_certificate,
       kms_certificate});
  load_stored_approval(service, approval_path, audit);
  GuestSide guests(service);
  AdminSide administrator(service);
  const auto server = attestation::make_server(server_options(flags, bundle, config.ca), guests, administrator);
  server->stop_on_signals();
  note_start(audit, service, *store, keys, config, obstacle);
  run(*server, service, audit, config.kms.has_value());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Flags flags = parse_flags(argc, argv);
    harden();
    hold_lock(flags.at("--lock"));
    serve(flags);
    return 0;
  } catch (const base::Error& error) {
    std::cerr << "bulkhead-attestd: " << error.what() << "\n";
    if (error.kind() == base::Kind::usage) std::cerr << usage;
    return base::exit_code(error.kind());
  } catch (const std::exception& error) {
    std::cerr << "bulkhead-attestd: " << error.what() << "\n";
    return 1;
  }
}
