#pragma once
#include <string>

#include "cli/documents.h"
#include "cli/image_files.h"
#include "provisioner/plan.h"
#include "provisioner/resources.h"

namespace cli {

/// The site's host a verb is about: the one named, else the only one.
/// @throws Error{failure} when there is none of that name, or several and none was named
const tenants::SiteHost& choose_host(const Documents& documents, const std::string& name);

/// A tenant's intent with its reference values, from the documents and the image files of this machine.
struct TenantIntent {
  provisioner::Intent intent;
  provisioner::ResolvedImage image;
};
TenantIntent tenant_intent(const tenants::Tenant& tenant, const Documents& documents, const tenants::SiteHost& host,
                           ImageFiles& files, RootImage root);

/// The plan of one tenant against what its host has now.
/// @param files those of all tenants of this command
/// @param used user ids of the host's services; the tenant's own is added
provisioner::Plan tenant_plan(const tenants::Tenant& tenant, const Documents& documents, const tenants::SiteHost& host,
                              ImageFiles& files, provisioner::Host* live,
                              std::map<base::TenantId, std::uint32_t>& used);

}  // namespace cli
