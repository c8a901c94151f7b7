#include "cli/status.h"

#include <algorithm>
#include <ctime>
#include <iterator>

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

/// What is found of each tenant, for a program and for a person.
class StatusReport {
 public:
  explicit StatusReport(std::int64_t time) : time_(time) {}

  /// @param service empty when none answered
  void add(const base::TenantId& tenant, const attestation::ServiceState& service) {
    add_certificates(tenant, service);
    keys_[tenant.name] = keys_json(service);
    keys_text_ += key_lines(tenant.name, service);
    key_problems_ += key_problem_line(tenant.name, service);
    if (const std::string text = credential_text(service); !text.empty())
      credentials_ += tenant.name + ": " + text + "\n";
    base::Json::Array revocations;
    for (const attestation::Revocation& one : service.revocations) {
      revocations.push_back(one.json());
      revoked_text_ += tenant.name + ": revoked " + one.text() + "\n";
    }
    revoked_[tenant.name] = std::move(revocations);
  }
  void add(std::vector<provisioner::GuestStanding> guests) { std::ranges::move(guests, std::back_inserter(guests_)); }
  void add(const base::TenantId& tenant, const std::vector<provisioner::Drift>& found) {
    drift_text_ += provisioner::drift_lines(tenant, found);
    drift_[tenant.name] = provisioner::drift_json(found);
  }

  [[nodiscard]] base::Json json() const {
    return base::Json::Object{{"schema", "bulkhead.status/v1"},
                              {"guests", provisioner::standings_json(guests_)},
                              {"revocations", revoked_},
                              {"certificates", certificates_},
                              {"collateral", collateral_},
                              {"keys", keys_},
                              {"drift", drift_}};
  }
  void print(Console& console) const {
    console.out << provisioner::standings_table(guests_) << keys_text_ << revoked_text_ << collateral_text_;
    if (!key_problems_.empty())
      console.out << coloured(console, "keys that guests do not get:", "31") << "\n" << key_problems_;
    if (!credentials_.empty()) console.out << coloured(console, credentials_, "31");
    if (!warnings_.empty())
      console.out << coloured(console, "certificates and lists to renew:", "33") << "\n" << warnings_;
    print_certificate_warnings(own_, console);
    const bool served_here = std::ranges::any_of(guests_, [](const auto& guest) { return guest.service.empty(); });
    if (served_here) console.out << coloured(console, worth, "31") << "\n";
    console.out << (drift_text_.empty() ? "no drift\n" : coloured(console, "drift:", "33") + "\n" + drift_text_);
  }
  [[nodiscard]] int exit_code() const {
    if (!own_.over.empty()) return base::exit_code(base::Kind::failure);
    return drift_text_.empty() ? 0 : 2;
  }

 private:
  void add_certificates(const base::TenantId& tenant, const attestation::ServiceState& service) {
    collateral_[tenant.name] = provisioner::collateral_json(service.collateral, time_);
    collateral_text_ += provisioner::collateral_line(tenant, service.collateral, time_);
    warnings_ += provisioner::collateral_warnings(tenant, service.collateral, time_);
    certificates_[tenant.name] =
        provisioner::collateral_json(service.certificates, time_, provisioner::days_of_certificate_warning);
    const auto ends = provisioner::certificate_warnings(tenant, service.certificates, time_);
    own_.ending += ends.ending;
    own_.over += ends.over;
  }

  std::int64_t time_;
  std::vector<provisioner::GuestStanding> guests_;
  base::Json drift_ = base::Json::Object{}, revoked_ = base::Json::Object{}, collateral_ = base::Json::Object{},
             certificates_ = base::Json::Object{}, keys_ = base::Json::Object{};
  std::string drift_text_, revoked_text_, collateral_text_, warnings_, keys_text_, key_problems_, credentials_;
  provisioner::CertificateWarnings own_;
};

}  // namespace

int status(const StatusOptions& options, Console& console) {
  LiveTenants live(options.live);
  StatusReport report(std::time(nullptr));
  for (const base::TenantId& tenant : live.tenants()) {
    report.add(live.standings(tenant));
    const provisioner::HostState now = provisioner::observe(live.host(), tenant);
    if (now.empty()) throw base::Error(base::Kind::failure, "tenant '" + tenant.name + "' has nothing on this host");
    report.add(tenant, live.service(tenant).value_or(attestation::ServiceState{}));
    report.add(tenant, provisioner::drifts(now, live.plan(tenant)));
  }
  if (options.json) {
    console.out << report.json().pretty();
  } else {
    report.print(console);
  }
  return report.exit_code();
}

}  // namespace cli
