#include "cli/service.h"

#include <ctime>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "cli/certificate_report.h"
#include "cli/key_report.h"

namespace cli {
namespace {

std::string standing_of(const attestation::GuestState& guest) {
  if (!guest.verdict) return "never attested";
  const std::string when = base::utc_text(guest.verdict->time_ms / 1000);
  if (!guest.verdict->attested) {
    std::string text = "refused " + when;
    for (const std::string& reason : guest.verdict->reasons) text += "\n    " + reason;
    return text;
  }
  std::string text = "attested " + when;
  if (guest.lease)
    text += ", lease " + guest.lease->standing + (guest.lease->ended.empty() ? "" : ": " + guest.lease->ended) +
            ", boot " + std::to_string(guest.lease->boot);
  return text;
}

}  // namespace

int show_service(const ShowServiceOptions& options, Console& console) {
  const attestation::ServiceState state = open_service(options.service, options.tenant)->state();
  if (state.tenant != options.tenant)
    throw base::Error(base::Kind::failure, "this is the service of '" + state.tenant + "', wanted " + options.tenant);
  if (options.json) {
    console.out << state.json().pretty();
    return 0;
  }
  console.out << state.tenant << ": "
              << (state.intent_digest ? "approved intent " + *state.intent_digest
                                      : std::string("no approval is loaded"))
              << "\n";
  for (const attestation::GuestState& guest : state.guests)
    console.out << "  " << guest.guest << "  " << standing_of(guest) << "\n";
  for (const attestation::KeyStanding& key : state.keys) console.out << "  key " << key_text(key) << "\n";
  if (!state.key_problem.empty()) console.out << "  " << coloured(console, "keys: " + state.key_problem, "31") << "\n";
  if (const std::string text = credential_text(state); !text.empty())
    console.out << "  " << coloured(console, text, "31") << "\n";
  for (const attestation::Revocation& one : state.revocations) console.out << "  revoked " << one.text() << "\n";
  console.out << "  audit log's head " << state.audit_head << "\n";
  const auto warnings = provisioner::certificate_warnings({state.tenant}, state.certificates, std::time(nullptr));
  return print_certificate_warnings(warnings, console) ? base::exit_code(base::Kind::failure) : 0;
}

int approve_service(const ApproveServiceOptions& options, Console& console) {
  constexpr std::size_t largest_approval = 1U << 22U;
  const std::string envelope = base::read_file(options.approval, largest_approval);
  const auto service = open_service(options.service, options.tenant);
  service->put_approval(envelope);
  console.out << options.tenant << ": the service holds guests to " << options.approval << " from now on, intent "
              << service->state().intent_digest.value_or("unknown") << "\n";
  return 0;
}

int rotate_token_key(const RotateTokenKeyOptions& options, Console& console) {
  const auto service = open_service(options.service, options.tenant);
  const std::string id = service->rotate_token_key(base::read_secret_file(options.token_key));
  console.out << options.tenant << ": tokens are signed with key " << id
              << "; the one before stays published until its last token has expired\n";
  return 0;
}

int backup_service(const BackupServiceOptions& options, Console& console) {
  const auto service = open_service(options.service, options.tenant);
  const std::string sealed = service->backup(base::read_file(options.recipient, 1U << 16U));
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(sealed))));
  const base::Json header = base::Json::parse(sealed.substr(0, sealed.find('\n')), "service backup");
  console.out << options.out << ": " << options.tenant << "'s service, for the key " << header.at("recipient").text()
              << "\n  audit log up to " << header.at("auditHead").text()
              << "; the log itself is not in it: copy audit.jsonl apart\n";
  return 0;
}

}  // namespace cli
