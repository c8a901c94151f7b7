#include "cli/status.h"

#include <algorithm>
#include <ctime>

#include "base/error.h"
#include "cli/certificate_report.h"
#include "cli/key_report.h"
#include "provisioner/collateral_standing.h"
#include "provisioner/status.h"

namespace cli {

namespace {

/// Said in red with every table: what an emulated guest's verdict and a service on this host are worth.
constexpr const char* worth =
    "services on this host protect against other tenants, not against its operator; nor do emulated guests";

}  // namespace

int status(const StatusOptions& options, Console& console) {
  LiveTenants live(options.live);
  std::vector<provisioner::GuestStanding> guests;
  base::Json drift_by_tenant = base::Json::Object{};
  base::Json revoked = base::Json::Object{}, collateral = base::Json::Object{}, keys = base::Json::Object{};
  std::string drift_text, revoked_text, collateral_text, warnings, keys_text, key_problems, credentials;
  base::Json certificates = base::Json::Object{};
  provisioner::CertificateWarnings own;
  const auto time = static_cast<std::int64_t>(std::time(nullptr));
  for (const base::TenantId& tenant : live.tenants()) {
    for (provisioner::GuestStanding& guest : live.standings(tenant)) guests.push_back(std::move(guest));
    const provisioner::HostState now = provisioner::observe(live.host(), tenant);
    if (now.empty()) throw base::Error(base::Kind::failure, "tenant '" + tenant.name + "' has nothing on this host");
    const attestation::ServiceState service = live.service(tenant).value_or(attestation::ServiceState{});
    collateral[tenant.name] = provisioner::collateral_json(service.collateral, time);
    collateral_text += provisioner::collateral_line(tenant, service.collateral, time);
    warnings += provisioner::collateral_warnings(tenant, service.collateral, time);
    certificates[tenant.name] =
        provisioner::collateral_json(service.certificates, time, provisioner::days_of_certificate_warning);
    const auto ends = provisioner::certificate_warnings(tenant, service.certificates, time);
    own.ending += ends.ending;
    own.over += ends.over;
    keys[tenant.name] = keys_json(service);
    keys_text += key_lines(tenant.name, service);
    key_problems += key_problem_line(tenant.name, service);
    if (const std::string text = credential_text(service); !text.empty())
      credentials += tenant.name + ": " + text + "\n";
    base::Json::Array revocations;
    for (const attestation::Revocation& one : service.revocations) {
      revocations.push_back(one.json());
      revoked_text += tenant.name + ": revoked " + one.text() + "\n";
    }
    revoked[tenant.name] = std::move(revocations);
    const auto found = provisioner::drifts(now, live.plan(tenant));
    drift_text += provisioner::drift_lines(tenant, found);
    drift_by_tenant[tenant.name] = provisioner::drift_json(found);
  }
  if (options.json) {
    console.out << base::Json(base::Json::Object{{"schema", "bulkhead.status/v1"},
                                                 {"guests", provisioner::standings_json(guests)},
                                                 {"revocations", revoked},
                                                 {"certificates", certificates},
                                                 {"collateral", collateral},
                                                 {"keys", keys},
                                                 {"drift", drift_by_tenant}})
                       .pretty();
  } else {
    console.out << provisioner::standings_table(guests) << keys_text << revoked_text << collateral_text;
    if (!key_problems.empty())
      console.out << coloured(console, "keys that guests do not get:", "31") << "\n" << key_problems;
    if (!credentials.empty()) console.out << coloured(console, credentials, "31");
    if (!warnings.empty())
      console.out << coloured(console, "certificates and lists to renew:", "33") << "\n" << warnings;
    print_certificate_warnings(own, console);
    const bool served_here =
        std::any_of(guests.begin(), guests.end(), [](const auto& guest) { return guest.service.empty(); });
    if (served_here) console.out << coloured(console, worth, "31") << "\n";
    console.out << (drift_text.empty() ? "no drift\n" : coloured(console, "drift:", "33") + "\n" + drift_text);
  }
  if (!own.over.empty()) return base::exit_code(base::Kind::failure);
  return drift_text.empty() ? 0 : 2;
}

}  // namespace cli
