#include "cli/trustee.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "attestation/daemon_files.h"
#include "attestation/trustee.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
namespace wire = attestation::wire;
using base::Error;
using base::Kind;

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

attestation::Approval read_approval(const RenderTrusteeOptions& options) {
  std::vector<base::PublicKey> keys;
  for (const std::string& path : options.approval_keys) {
    keys.push_back(base::PublicKey::from_pem(base::read_file(path, 1U << 16U), path));
  }
  const auto envelope = base::Envelope::parse(base::read_file(options.approval, 1U << 22U), options.approval);
  return attestation::verified_approval(envelope, keys, options.tenant, now());
}

/// What each guest attested with names its key.
std::map<std::string, base::Buffer> read_keys(const std::vector<std::string>& files) {
  std::map<std::string, base::Buffer> keys;
  for (const std::string& path : files) {
    try {
      const auto attestation = wire::AttestRequest::parse(base::read_file(path, wire::body_limit));
      const auto evidence = wire::TpmEvidence::parse(attestation.primary_evidence);
      if (!evidence.bulkhead) throw Error(Kind::malformed, "it names no guest");
      if (!keys.emplace(evidence.bulkhead->guest, evidence.ak_public).second) {
        throw Error(Kind::usage, "a second file of " + evidence.bulkhead->guest);
      }
    } catch (const Error& error) {
      throw Error(error.kind(), path + ": " + error.what());
    }
  }
  return keys;
}

void write(const std::string& folder, const std::string& name, std::string_view content) {
  const fs::path path = fs::path(folder) / name;
  fs::create_directories(path.parent_path());
  base::write_file_atomically(path, content, 0644);
}

void write_keys(const std::string& folder, attestation::ServiceBundle& bundle, const std::string& ca) {
  write(folder, "keys/tls.pem", bundle.tls_certificate);
  write(folder, "keys/token-chain.pem", bundle.token_certificate + ca);
  write(folder, "keys/ca.pem", ca);
  base::write_new_secret_file(folder + "/keys/tls.key", bundle.tls_key);
  base::write_new_secret_file(folder + "/keys/token.key", bundle.token_key.pem());
}

}  // namespace

int render_trustee(const RenderTrusteeOptions& options, Console& console) {
  const attestation::Approval approval = read_approval(options);
  auto bundle = attestation::ServiceBundle::parse(base::read_secret_file(options.service_bundle), options.tenant);
  if (bundle.url.empty() || bundle.token_certificate.empty()) {
    throw Error(Kind::failure, options.service_bundle + ": was made without url and tokenCertificate; make another");
  }
  const attestation::TrusteeRequest request{approval, bundle.url, options.directory, read_keys(options.evidence)};
  const auto files = attestation::trustee_configuration(request);
  if (::mkdir(options.out.c_str(), 0700) != 0) {
    throw Error(Kind::failure, "cannot make " + options.out + ": " + std::strerror(errno));
  }
  for (const auto& [name, content] : files) write(options.out, name, content);
  write_keys(options.out, bundle, base::read_file(options.ca, 1U << 16U));
  console.out << options.out << ": Trustee for " << options.tenant << " (" << approval.guests.size()
              << " guests), to be put at " << options.directory << "\n";
  return 0;
}

}  // namespace cli
