#include "cli/approve.h"

#include <algorithm>
#include <ctime>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/signers.h"
#include "cli/tenant_plan.h"
#include "provisioner/approval.h"
#include "provisioner/json_difference.h"

namespace cli {
namespace {

constexpr std::int64_t seconds_a_day = 86400;

const tenants::Tenant& tenant_of(const Documents& documents, const provisioner::Plan& plan) {
  for (const tenants::Tenant& tenant : documents.tenants) {
    if (tenant.id() == plan.intent.tenant) return tenant;
  }
  throw base::Error(base::Kind::failure,
                    "the plan is of tenant '" + plan.intent.tenant.name + "', whose file was not given");
}

/// @throws Error{failure} naming every place where the plan says something else than the owner's own documents and
/// files
void refuse_other_intent(const provisioner::Intent& planned, const provisioner::Intent& own) {
  std::string differences;
  for (const std::string& difference : provisioner::json_differences(intent_json(planned), intent_json(own))) {
    differences += "\n  " + difference;
  }
  if (differences.empty()) return;
  throw base::Error(
      base::Kind::failure,
      "the plan is not what your documents and image files say (got: the plan, wanted: yours):" + differences);
}

/// The approval others have signed already, or an empty one.
base::Envelope approval_so_far(const std::string& path) {
  const std::optional<std::string> text = base::read_file_if_any(path);
  return text ? base::Envelope::parse(*text, path) : base::Envelope{};
}

std::optional<std::int64_t> last_day(const ApproveOptions& options, const base::Envelope& so_far) {
  if (!so_far.payload.empty()) return provisioner::approval_not_after(so_far);
  if (!options.valid_days) return std::nullopt;
  return static_cast<std::int64_t>(std::time(nullptr)) + *options.valid_days * seconds_a_day;
}

}  // namespace

int approve(const ApproveOptions& options, Console& console) {
  const provisioner::Plan plan = provisioner::parse_plan(base::read_file(options.plan), options.plan);
  Documents documents = load_documents(options.documents);
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  const tenants::SiteHost& host = choose_host(documents, plan.host.name);
  ImageFiles files(options.qemu);
  const tenants::Tenant& tenant = tenant_of(documents, plan);
  const provisioner::Intent own = tenant_intent(tenant, documents, host, files, RootImage::hash).intent;
  refuse_other_intent(plan.intent, own);

  base::Envelope approval = approval_so_far(options.out);
  const std::optional<std::int64_t> not_after = last_day(options, approval);
  const provisioner::IdBlocks id_blocks = signed_id_blocks(tenant, own, options.id_keys, approval);
  for (const std::string& key : options.keys)
    provisioner::approve(approval, own, not_after, *open_signer(key), id_blocks);
  base::write_file_atomically(options.out, approval.json().pretty(), 0644);

  console.out << "approved intent " << intent_digest(own).hex() << " of tenant " << own.tenant.name << ": "
              << options.out << "\n";
  for (const std::string& owner : provisioner::missing_owners(own, approval)) {
    console.out << "still missing: the signature of owner " << owner << "\n";
  }
  return 0;
}

}  // namespace cli
