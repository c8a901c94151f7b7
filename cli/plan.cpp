#include "cli/plan.h"

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/tenant_plan.h"
#include "provisioner/host_module.h"

namespace cli {
namespace {

/// The live host, or nothing when the plan is made without one.
struct LiveHost {
  std::shared_ptr<provisioner::HostModule> module;
  std::unique_ptr<provisioner::Host> host;
};

LiveHost open_host(const PlanOptions& options, const tenants::SiteHost& site_host) {
  if (options.offline) return {};
  LiveHost live{provisioner::load_host_module(), nullptr};
  provisioner::HostOptions host_options;
  host_options.uri = site_host.uri.value;
  host_options.store = site_host.storage.path.value;
  live.host = live.module->open_host(std::move(host_options));
  return live;
}

void write_plans(const std::string& directory, const std::vector<provisioner::Plan>& plans) {
  std::vector<provisioner::IndexedPlan> index;
  for (const provisioner::Plan& plan : plans) {
    const std::string text = provisioner::plan_text(plan);
    const std::string& tenant = plan.intent.tenant.name;
    const std::string file = tenant + ".plan.json";
    base::write_file_atomically(directory + "/" + file, text, 0644);
    index.push_back({tenant, file, base::sha256(base::bytes_of(text))});
  }
  base::write_file_atomically(directory + "/site-index.json", provisioner::site_index_text(std::move(index)), 0644);
}

}  // namespace

int plan(const PlanOptions& options, Console& console) {
  Documents documents = load_documents(options.documents);
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  if (documents.tenants.empty()) throw base::Error(base::Kind::failure, "no tenant file was given (kind: Tenant)");
  const tenants::SiteHost& site_host = choose_host(documents, options.host);
  const LiveHost live = open_host(options, site_host);
  std::map<base::TenantId, std::uint32_t> used;
  if (live.host) used = live.host->service_user_ids();
  std::vector<provisioner::Plan> plans;
  ImageFiles files(options.qemu);
  for (const tenants::Tenant& tenant : documents.tenants) {
    plans.push_back(tenant_plan(tenant, documents, site_host, files, live.host.get(), used));
  }
  if (!options.out.empty()) write_plans(options.out, plans);
  bool pending = false;
  for (const provisioner::Plan& made : plans) {
    console.out << (options.json
                        ? provisioner::plan_text(made)
                        : readable(made, console.colour ? provisioner::Colour::on : provisioner::Colour::off) + "\n");
    pending = pending || made.pending();
  }
  return pending ? 2 : 0;
}

}  // namespace cli
