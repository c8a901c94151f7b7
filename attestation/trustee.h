#pragma once
#include <map>
#include <string>

#include "attestation/approval.h"

/// The configuration of an owner's *own* Trustee (confidential-containers/trustee) for one tenant: what an approval
/// says in Trustee's words. Source: Trustee 0.21, kbs/docs/config.md, deps/key-value-storage and deps/policy-engine,
/// attestation-service's default policy; docs/verbs/trustee.md says what Trustee cannot check.
namespace attestation {

struct TrusteeRequest {
  const Approval& approval;
  std::string url;        ///< where it will serve guests: https://ADDRESS:PORT
  std::string directory;  ///< where its files will be on the machine it runs on
  /// Enrolled attestation keys (DER SubjectPublicKeyInfo) by guest; every guest's for `emulated`, else unused.
  std::map<std::string, base::Buffer> attestation_keys{};
};

/// Files by their paths below the directory, none of them secret: kbs-config.toml, the attestation policy, the resource
/// policy and the reference values where Trustee's LocalFs storage has them, and a message that registers the latter.
/// @throws Error{failure} naming what is missing or cannot be said to Trustee
std::map<std::string, std::string> trustee_configuration(const TrusteeRequest& request);

/// The parts: pure text. @throws as above
std::string trustee_attestation_policy(const TrusteeRequest& request);
std::string trustee_resource_policy(const TrusteeRequest& request);
base::Json trustee_reference_values(const TrusteeRequest& request);  ///< {"trusted_ak":[base64..],..}

}  // namespace attestation
