#include "cli/apply.h"

#include <ctime>

#include "base/posix_file_lock.h"
#include "base/posix_files.h"
#include "cli/host_lock.h"
#include "cli/installation.h"
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
                            {"removed", number(applied.removed)}, {"kept", number(applied.kept)}};
}

}  // namespace

int apply(const ApplyOptions& options, Console& console) {
  const provisioner::Plan plan = provisioner::parse_plan(base::read_file(options.plan), options.plan);
  const std::string approval = base::read_file(options.approval);
  provisioner::ApplyInputs inputs;
  inputs.approval = base::Envelope::parse(approval, options.approval);
  inputs.now = static_cast<std::int64_t>(std::time(nullptr));
  inputs.digest_of = base::file_sha256;
  provisioner::refuse_unready(plan.intent);
  provisioner::refuse_resources_beside_intent(plan);
  const auto module = provisioner::load_host_module();
  if (plan.intent.tee != base::Tee::emulated) inputs.probe = module->probe(plan.host.uri, plan.intent.tee);
  provisioner::refuse_missing_features(plan.intent.tee, inputs.probe);
  const base::FileLock lock(host_lock(options.run), host_lock_holders);
  const auto host = module->open_host(host_options(options, plan, approval));
  const provisioner::Applied applied =
      provisioner::apply(plan, inputs, *host, [&](const std::string& line) { console.err << line << std::endl; });
  if (options.json) {
    console.out << json_of(plan, applied).pretty();
  } else if (!applied.changed()) {
    console.out << plan.intent.tenant.name << ": nothing to change\n";
  } else {
    console.out << plan.intent.tenant.name << ": " << applied.created << " created, " << applied.replaced
                << " replaced, " << applied.removed << " removed, " << applied.kept << " unchanged\n";
  }
  return 0;
}

}  // namespace cli
