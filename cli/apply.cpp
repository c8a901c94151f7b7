#include "cli/apply.h"

#include <ctime>
#include <sstream>

#include "attestation/enrolments.h"
#include "base/error.h"
#include "base/posix_file_lock.h"
#include "base/posix_files.h"
#include "cli/host_lock.h"
#include "cli/installation.h"
#include "kms/sealed_secret.h"
#include "provisioner/apply.h"
#include "provisioner/apply_refusals.h"
#include "provisioner/planned_resources.h"

namespace cli {
namespace {

provisioner::HostOptions host_options(const ApplyOptions& options, const provisioner::Plan& plan,
                                      const std::string& approval) {
  provisioner::HostOptions host;
  host.uri = plan.host.uri;
  host.store = plan.host.store;
  host.run = options.run;
  host.attestd = attestd_program();
  host.approval = approval;
  if (!options.service_bundle.empty()) host.service_bundle = base::read_secret_file(options.service_bundle);
  return host;
}

base::Json json_of(const provisioner::Plan& plan, const provisioner::Applied& applied) {
  const auto number = [](std::size_t count) { return base::Json(static_cast<std::int64_t>(count)); };
  return base::Json::Object{{"schema", "bulkhead.applied/v1"},    {"tenant", plan.intent.tenant.name},
                            {"created", number(applied.created)}, {"replaced", number(applied.replaced)},
                            {"removed", number(applied.removed)}, {"kept", number(applied.kept)},
                            {"left", number(applied.left)}};
}

/// A bundle of keys that never should have left their owner, or that is sealed to her machine, or keys that this host
/// itself makes known.
void refuse_what_is_not_for_this_host(const ApplyOptions& options, const provisioner::Intent& intent) {
  const std::string whose = "tenant '" + intent.tenant.name + "': its attestation service is ";
  if (!intent.service.on_host() && !options.service_bundle.empty())
    throw base::Error(base::Kind::usage, whose + "its owner's, at " + intent.service.url() +
                                             ": its bundle stays there, leave out --service-bundle");
  if (!options.service_bundle.empty())
    kms::expect_not_sealed(base::read_secret_file(options.service_bundle), options.service_bundle,
                           "that is for a service which its owner runs on that machine: give apply the bundle itself");
  if (!intent.enrols_elsewhere() && !options.enrolments.empty())
    throw base::Error(base::Kind::usage, intent.service.on_host()
                                             ? whose + "on this host, where apply enrols: leave out --enrolments"
                                             : "tenant '" + intent.tenant.name +
                                                   "': its guests have no keys to enrol: leave out --enrolments");
}

void hand_over_keys(const std::string& path, const base::TenantId& tenant, provisioner::Host& host) {
  const attestation::Enrolments enrolments{tenant.name, host.guest_keys(tenant)};
  base::write_file_atomically(path, enrolments.text(), 0644);
}

std::string summary(const provisioner::Plan& plan, const provisioner::Applied& applied, const std::string& enrolments) {
  std::ostringstream out;
  out << plan.intent.tenant.name << ": ";
  if (applied.changed()) {
    out << applied.created << " created, " << applied.replaced << " replaced, " << applied.removed << " removed, "
        << applied.kept << " unchanged\n";
  } else {
    out << "nothing to change\n";
  }
  if (enrolments.empty()) return out.str();
  out << "  " << enrolments << ": for the owner, who runs bulkhead service enrol " << plan.intent.tenant.name
      << " --url " << plan.intent.service.url() << "\n";
  if (applied.left > 0) out << "  then apply again without --enrolments: it starts " << applied.left << " guests\n";
  return out.str();
}

}  // namespace

int apply(const ApplyOptions& options, Console& console) {
  const provisioner::Plan plan = provisioner::parse_plan(base::read_file(options.plan), options.plan);
  refuse_what_is_not_for_this_host(options, plan.intent);
  const std::string approval = base::read_file(options.approval);
  provisioner::ApplyInputs inputs;
  inputs.approval = base::Envelope::parse(approval, options.approval);
  inputs.now = static_cast<std::int64_t>(std::time(nullptr));
  inputs.digest_of = base::file_sha256;
  if (!options.enrolments.empty()) inputs.guests = provisioner::Guests::leave;
  provisioner::refuse_unready(plan.intent);
  provisioner::refuse_resources_beside_intent(plan);
  const auto module = provisioner::load_host_module();
  if (plan.intent.tee != base::Tee::emulated) inputs.probe = module->probe(plan.host.uri, plan.intent.tee);
  provisioner::refuse_missing_features(plan.intent.tee, inputs.probe);
  const base::FileLock lock(host_lock(options.run), host_lock_holders);
  const auto host = module->open_host(host_options(options, plan, approval));
  const provisioner::Applied applied =
      provisioner::apply(plan, inputs, *host, [&](const std::string& line) { console.err << line << std::endl; });
  if (!options.enrolments.empty()) hand_over_keys(options.enrolments, plan.intent.tenant, *host);
  console.out << (options.json ? json_of(plan, applied).pretty() : summary(plan, applied, options.enrolments));
  return 0;
}

}  // namespace cli
