#include "cli/rotation_steps.h"

#include <initializer_list>

namespace cli {
namespace {

std::string listed(std::initializer_list<std::string> steps) {
  std::string text = "  for it to count:\n";
  int number = 0;
  for (const std::string& step : steps) text += "    " + std::to_string(++number) + ". " + step + "\n";
  return text;
}

}  // namespace

std::string steps_for_bundle(const std::string& tenant, const std::string& made) {
  return listed({"the service on its tenant's host: give " + made +
                     " to the operator, apart from plan and approval, who runs bulkhead apply --service-bundle " + made,
                 "a service of your own: put it in place of the bundle there (/etc/bulkhead/" + tenant +
                     "/bundle.json, mode 0600) and start bulkhead-attestd again",
                 "guests need nothing; delete the old bundle when the service runs with this one"});
}

std::string steps_for_storage_key() {
  return "  its first start with it brings the stores of keys under the new storage key; from then on the old bundle\n"
         "  does not open them. Back up the service again. When it has started, the next keys rotate drops the old "
         "one\n";
}

std::string steps_for_identity(const std::string& made) {
  return listed({"use --identity " + made + " from now on: the service needs nothing",
                 "the old one counts until it ends; only another CA of the tenant ends it before"});
}

std::string steps_for_ca(const std::string& made) {
  return listed({"name " + made + ".pem as the tenant's CA in the tenant file",
                 "keys rotate --other-ca --ca " + made + ".pem for the service's bundle and for each owner's identity",
                 "plan, approve, apply --service-bundle: every guest has other initdata and starts again",
                 "with a service of your own: service configure, and start it again with config.json and the bundle",
                 "give relying parties the new certificate; until then keep the old key"});
}

std::string steps_for_approval_key(const std::string& made) {
  return listed({"a leaked one: bulkhead revoke --owner-key at once",
                 "name " + made + ".pub as this owner's approvalKey in the tenant file",
                 "plan; every owner approves, this one with " + made + ".key",
                 "the service on its tenant's host: apply, which starts it again with the new key",
                 "a service of your own: service configure, put config.json there, start it again, service approve"});
}

std::string steps_for_p384_key(const std::string& made) {
  return listed({"an approval key: as one of Ed25519, with " + made + ".pub as this owner's approvalKey",
                 "else name " + made + ".pub as this owner's idKey or authorKey in the tenant file",
                 "plan, approve with --id-key (--author-key), apply: guests of tee snp start again",
                 "blocks that the old one signed start guests of the old image until the approval is another"});
}

std::string steps_for_backup_or_recovery_key(const std::string& made) {
  return listed({"a backup key: name " + made + ".pub with --to from now on, and back up again",
                 "keep the old backup key until every backup for it is deleted",
                 "a recovery key: name " + made +
                     ".pub as recoveryKey in the tenant file; plan, approve, apply: "
                     "guests with volumes have other initdata and start again",
                 "the old recovery key opens the volumes' old slots until the volumes are made anew: keep it"});
}

}  // namespace cli
