#include "cli/tenant_plan.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/tenant_id_blocks.h"
#include "tenants/unsupported.h"

namespace cli {
namespace {

/// Emulated guests run without KVM unless the host's label says otherwise; confidential ones need it.
provisioner::Accelerator accelerator_of(base::Tee tee, const tenants::SiteHost& host) {
  const auto label = host.labels.find("accelerator");
  const bool kvm = tee != base::Tee::emulated || (label != host.labels.end() && label->second == "kvm");
  return kvm ? provisioner::Accelerator::kvm : provisioner::Accelerator::tcg;
}

provisioner::HostFacts facts_of(const TenantIntent& made, const tenants::SiteHost& host, std::uint32_t user_id) {
  provisioner::HostFacts facts;
  facts.store = host.storage.path.value;
  facts.user_id = user_id;
  facts.supervision = host.supervision == tenants::Supervision::systemd ? "systemd" : "child";
  facts.accelerator = accelerator_of(made.intent.tee, host);
  for (const provisioner::ResolvedFile& file : made.image.files) {
    facts.sources[file.role] =
        file.path.empty() ? "" : std::filesystem::absolute(file.path).lexically_normal().string();
  }
  return facts;
}

GuestSettings settings_of(const tenants::Tenant& tenant, const provisioner::ResolvedImage& image) {
  GuestSettings settings;
  settings.guest_svn = tenant.launch_policy.guest_svn;
  settings.identity = snp_identity(tenant);
  settings.root_image = std::any_of(image.files.begin(), image.files.end(),
                                    [](const auto& file) { return file.role == provisioner::FileRole::root; });
  return settings;
}

}  // namespace

const tenants::SiteHost& choose_host(const Documents& documents, const std::string& name) {
  if (!documents.site) throw base::Error(base::Kind::failure, "no site file was given (kind: Site)");
  const auto& hosts = documents.site->hosts;
  if (name.empty() && hosts.size() == 1) return hosts.front();
  if (name.empty()) throw base::Error(base::Kind::failure, "the site has several hosts: name one with --host");
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const auto& host) { return host.name.value == name; });
  if (found == hosts.end()) {
    std::string known;
    for (const tenants::SiteHost& host : hosts) known += (known.empty() ? "" : ", ") + host.name.value;
    throw base::Error(base::Kind::failure, "--host: got '" + name + "', wanted one of the site's: " + known);
  }
  return *found;
}

TenantIntent tenant_intent(const tenants::Tenant& tenant, const Documents& documents, const tenants::SiteHost& host,
                           ImageFiles& files, RootImage root) {
  TenantIntent made;
  made.image = files.resolve(tenant, root);
  provisioner::IntentSources sources;
  sources.read = [](const std::string& path) { return base::read_file(path, 1U << 20U); };
  sources.image = made.image;
  for (const tenants::Finding& finding : tenants::features_apply_refuses(tenant, *documents.site)) {
    sources.not_built.push_back(finding.feature);
  }
  made.intent = provisioner::make_intent(tenant, host, sources);
  provisioner::measure(made.intent, files.predictor(made.image, settings_of(tenant, made.image)));
  return made;
}

provisioner::Plan tenant_plan(const tenants::Tenant& tenant, const Documents& documents, const tenants::SiteHost& host,
                              ImageFiles& files, provisioner::Host* live,
                              std::map<base::TenantId, std::uint32_t>& used) {
  TenantIntent made = tenant_intent(tenant, documents, host, files, RootImage::believe_pin);
  const auto& range = host.service_user_ids;
  const std::uint32_t user_id = provisioner::choose_user_id(tenant.id(), range.first, range.last, used);
  used[tenant.id()] = user_id;
  const auto wanted = provisioner::resources_of(made.intent, facts_of(made, host, user_id));
  const provisioner::HostState now =
      live == nullptr ? provisioner::HostState{} : provisioner::observe(*live, tenant.id());
  if (live != nullptr) provisioner::refuse_foreign_namesakes(*live, tenant.id(), wanted, now);
  return provisioner::make_plan(std::move(made.intent), {host.name.value, host.uri.value, host.storage.path.value},
                                wanted, now);
}

}  // namespace cli
