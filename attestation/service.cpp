#include "attestation/service.h"

#include <set>

#include "attestation/key_generation.h"
#include "attestation/own_certificates.h"
#include "attestation/printable.h"
#include "base/error.h"

namespace attestation {
namespace {

LeaseState state_of(const Lease& lease, std::int64_t now_ms) {
  LeaseState state{lease.boot, lease.since_ms, lease.renewed_ms, lease.until_ms, "current", lease.ended};
  if (!lease.holds(now_ms)) state.standing = lease.ended.empty() ? "lapsed" : "ended";
  return state;
}

}  // namespace

Service::Service(ServiceParts parts)
    : parts_(std::move(parts)),
      keys_(parts_.keys, parts_.key_obstacle),
      sessions_(parts_.tenant, std::move(parts_.nonce_key)),
      token_keys_(parts_.store, parts_.storage_key.view(), parts_.issuer, parts_.now_ms()),
      credential_(parts_.now_ms()) {
  for (const base::Json& stored : parts_.store.revocations()) revocations_.push_back(Revocation::parse(stored));
}

void Service::load_approval(std::string_view envelope) {
  if (const auto key = revoked_owner_key()) {
    throw base::Error(base::Kind::failure, "approval: the owner's key " + *key + " is revoked");
  }
  approval_ = std::make_shared<const Approval>(verified_approval(
      base::Envelope::parse(envelope, "approval"), parts_.approval_keys, parts_.tenant, parts_.now_ms() / 1000));
}

std::optional<std::string> Service::revoked_owner_key() const {
  for (const Revocation& revocation : revocations_) {
    if (revocation.kind != Revocation::Kind::owner_key) continue;
    for (const base::PublicKey& key : parts_.approval_keys) {
      if (key.fingerprint().hex() == revocation.value) return revocation.value;
    }
  }
  return std::nullopt;
}

void Service::record(std::string_view event, base::Json::Object facts) {
  if (!acting_owner_.empty()) facts["owner"] = acting_owner_;
  parts_.audit.record(parts_.now_ms(), event, std::move(facts));
  metrics_.count(std::string(event));
}

void Service::record_of_keys(std::string_view event, base::Json::Object facts) {
  if (parts_.key_generation && keys_.obstacle().empty()) {
    facts[std::string(key_generation_fact)] = static_cast<std::int64_t>(parts_.key_generation());
  }
  record(event, std::move(facts));
}

/// What went wrong inside; the audit log itself may be what failed, and then nothing more can be said.
void Service::note_failure(const std::string& reason) noexcept {
  try {
    record("failure", {{"reason", printable(reason)}});
  } catch (const std::exception&) {  // the answer is a failure already
  }
}

std::optional<Lease> Service::lease_of(const std::string& guest) {
  const std::optional<base::Json> stored = parts_.store.lease(guest);
  return stored ? std::optional(Lease::parse(*stored)) : std::nullopt;
}

void Service::end_lease(const std::string& guest, const std::string& why) {
  std::optional<Lease> lease = lease_of(guest);
  if (!lease || !lease->ended.empty()) return;
  lease->ended = printable(why);
  parts_.store.put_lease(guest, lease->json());
  record("lease ended", {{"guest", guest}, {"boot", lease->boot}, {"reason", lease->ended}});
}

void Service::forget_life(const std::string& guest, const std::string& why) {
  end_lease(guest, why);
  std::optional<Lease> lease = lease_of(guest);
  if (!lease) return;
  lease->life = {};
  parts_.store.put_lease(guest, lease->json());
}

/// As last seen: the store itself may be a server that is down, and the state is told all the same.
void Service::add_keys(ServiceState& state) const {
  const KnownKeys known = keys_.known();
  state.key_problem = keys_.obstacle().empty() ? printable(known.problem) : keys_.obstacle();
  state.passports = parts_.passport_to;
  for (const auto& [name, key] : known.keys)
    state.keys.push_back({name.text(), key.state, key.current, key.next, key.unerased});
}

ServiceState Service::state() {
  const auto keys = parts_.store.enrolled_keys();
  const auto verdicts = parts_.store.verdicts();
  const auto leases = parts_.store.leases();
  std::set<std::string> names;
  for (const auto& [guest, key] : keys) names.insert(guest);
  if (approval_) {
    for (const ApprovedGuest& guest : approval_->guests) names.insert(guest.guest);
  }
  ServiceState state{parts_.tenant, std::nullopt, {}, revocations_, parts_.audit.head().hex()};
  state.collateral = items_of(parts_.collateral);
  const TokenIssuer& issuer = token_keys_.current();
  state.certificates = items_of(OwnCertificates{parts_.tls_certificate, issuer.chain,
                                                parts_.guest_ca ? parts_.guest_ca->certificate : std::string_view(),
                                                parts_.ca, parts_.kms_certificate});
  add_keys(state);
  add_credential(state);
  if (approval_) state.intent_digest = approval_->intent_digest.hex();
  for (const std::string& guest : names) {
    GuestState one{guest, std::nullopt, std::nullopt, std::nullopt};
    if (const auto key = keys.find(guest); key != keys.end()) one.ak_sha256 = base::sha256(key->second).hex();
    if (const auto verdict = verdicts.find(guest); verdict != verdicts.end())
      one.verdict = Verdict::parse(verdict->second);
    if (const auto lease = leases.find(guest); lease != leases.end())
      one.lease = state_of(Lease::parse(lease->second), parts_.now_ms());
    state.guests.push_back(std::move(one));
  }
  return state;
}

}  // namespace attestation
