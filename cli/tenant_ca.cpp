#include "cli/tenant_ca.h"

#include <chrono>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/signers.h"

namespace cli {
namespace {

constexpr std::int64_t seconds_a_day = 86'400;

std::string without_pem_suffix(const std::string& path) {
  constexpr std::string_view suffix = ".pem";
  const bool has = path.size() > suffix.size() && path.ends_with(suffix);
  return has ? path.substr(0, path.size() - suffix.size()) : path;
}

}  // namespace

TenantCa open_tenant_ca(const std::string& certificate_file, const std::string& key) {
  const std::string path = without_pem_suffix(certificate_file);
  TenantCa ca{base::read_file(path + ".pem"), nullptr};
  const base::Sha256 wanted = base::certificate_key(ca.certificate, path + ".pem").fingerprint();
  ca.key = open_signer(key.empty() ? path + ".key" : key);
  const base::Sha256 got = ca.key->public_key().fingerprint();
  if (got != wanted)
    throw base::Error(base::Kind::failure, "CA key: its public key has SHA-256 " + got.hex() + ", wanted the one of " +
                                               path + ".pem, " + wanted.hex());
  return ca;
}

base::CertificateRequest valid_from_now(const std::string& common_name, std::int64_t days) {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  return {.common_name = common_name, .not_before = now - 300, .not_after = now + days * seconds_a_day};
}

}  // namespace cli
