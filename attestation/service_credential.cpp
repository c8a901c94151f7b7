#include "attestation/printable.h"
#include "attestation/service.h"

namespace attestation {

using base::Json;
using kms::CredentialLife;

std::optional<std::chrono::milliseconds> Service::credential_has_time() const {
  if (parts_.credential == nullptr) return std::nullopt;
  const std::int64_t now = parts_.now_ms();
  const std::optional<std::int64_t> next = credential_.next();
  return next ? std::optional(std::chrono::milliseconds(std::max<std::int64_t>(0, *next - now))) : std::nullopt;
}

Pending Service::keep_credential() {
  const auto term = std::make_shared<kms::CredentialTerm>();
  const CredentialLife::Act act = credential_.act(parts_.now_ms());
  return Pending{[&credential = *parts_.credential, act, term] {
                   if (act == CredentialLife::Act::look) *term = credential.look();
                   if (act == CredentialLife::Act::renew) *term = credential.renew();
                 },
                 [this, act, term](const std::exception_ptr& problem) {
                   const std::string before = credential_.problem();
                   const std::int64_t now = parts_.now_ms();
                   try {
                     if (problem && act != CredentialLife::Act::nothing) std::rethrow_exception(problem);
                     if (act == CredentialLife::Act::look) credential_.looked_at(now, *term);
                     if (act == CredentialLife::Act::renew) credential_.renewed(now, *term);
                   } catch (const std::exception& error) {
                     credential_.failed(now, printable(error.what()));
                   }
                   note_credential(before);
                   return Response{200, "", ""};  // for nobody
                 }};
}

/// Each thing is told once: that a row of requests fails, that it ended, that the credential ends.
void Service::note_credential(const std::string& problem_before) {
  const std::string& problem = credential_.problem();
  const bool ending = credential_.say_that_it_ends(parts_.now_ms());
  const auto ends = [&] { return credential_.ends() ? Json(*credential_.ends() / 1000) : Json(); };
  try {
    if (!problem.empty() && problem_before.empty())
      record("key store credential not renewed", {{"reason", problem}, {"ends", ends()}});
    if (problem.empty() && !problem_before.empty()) record("key store credential renewed", {{"ends", ends()}});
    if (ending) record("key store credential ends", {{"ends", ends()}});
  } catch (const std::exception&) {  // the audit log failed, and nobody waits for an answer; `status` shows it
  }
}

void Service::add_credential(ServiceState& state) const {
  const bool ending = credential_.is_ending(parts_.now_ms());
  if (!ending && credential_.problem().empty()) return;
  const std::optional<std::int64_t>& ends = credential_.ends();
  state.credential = CredentialState{ends ? std::optional(*ends / 1000) : std::nullopt, credential_.problem()};
}

}  // namespace attestation
