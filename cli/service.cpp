#include "cli/service.h"

#include "attestation/admin_client.h"
#include "base/json.h"
#include "base/posix_files.h"

namespace cli {

int rotate_token_key(const RotateTokenKeyOptions& options, Console& console) {
  const auto service = attestation::make_admin_client(options.run + "/" + options.tenant + "/admin.sock");
  const std::string id = service->rotate_token_key(base::read_secret_file(options.token_key));
  console.out << options.tenant << ": tokens are signed with key " << id
              << "; the one before stays published until its last token has expired\n";
  return 0;
}

int backup_service(const BackupServiceOptions& options, Console& console) {
  const auto service = attestation::make_admin_client(options.run + "/" + options.tenant + "/admin.sock");
  const std::string sealed = service->backup(base::read_file(options.recipient, 1U << 16U));
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(sealed))));
  const base::Json header = base::Json::parse(sealed.substr(0, sealed.find('\n')), "service backup");
  console.out << options.out << ": " << options.tenant << "'s service, for the key " << header.at("recipient").text()
              << "\n  audit log up to " << header.at("auditHead").text()
              << "; the log itself is not in it: copy audit.jsonl apart\n";
  return 0;
}

}  // namespace cli
