#include "provisioner/guest_standing.h"

#include <algorithm>
#include <map>

#include "tenants/derived_names.h"

namespace provisioner {
namespace {

using base::Json;

/// What the service knows of a guest; nothing when it knows nothing or does not answer.
attestation::GuestState known_of(const std::optional<attestation::ServiceState>& state, const std::string& guest) {
  if (!state) return {};
  const auto found =
      std::find_if(state->guests.begin(), state->guests.end(), [&](const auto& known) { return known.guest == guest; });
  return found == state->guests.end() ? attestation::GuestState{} : *found;
}

const GuestIntent* intent_of(const Plan* plan, const std::string& guest) {
  if (plan == nullptr) return nullptr;
  const auto& guests = plan->intent.guests;
  const auto found =
      std::find_if(guests.begin(), guests.end(), [&](const GuestIntent& known) { return known.id.text() == guest; });
  return found == guests.end() ? nullptr : &*found;
}

/// Whether every register the prediction names was reported with the predicted value, in every bank.
std::optional<bool> as_predicted(const GuestIntent* guest, const attestation::Verdict& verdict) {
  if (guest == nullptr || !verdict.pcrs.is_object()) return std::nullopt;
  const Json* tpm = guest->reference_values.find("tpm");
  const Json* banks = tpm == nullptr ? nullptr : tpm->find("pcrs");
  if (banks == nullptr || !banks->is_object()) return std::nullopt;
  for (const auto& [bank, registers] : banks->object()) {
    const Json* reported = verdict.pcrs.find(bank);
    for (const auto& [index, value] : registers.object()) {
      const Json* got = reported == nullptr ? nullptr : reported->find(index);
      if (got == nullptr || *got != value) return false;
    }
  }
  return true;
}

/// Of an attested guest.
Standing by_lease(const std::optional<attestation::LeaseState>& lease) {
  if (!lease) return Standing::lapsed;
  return lease->standing == "current" ? Standing::attested
         : lease->standing == "ended" ? Standing::ended
                                      : Standing::lapsed;
}

GuestStanding standing_of(const base::TenantId& tenant, const GuestRuntime& runtime,
                          const attestation::GuestState& known, const Plan* plan) {
  const std::optional<attestation::Verdict>& verdict = known.verdict;
  GuestStanding guest;
  guest.tenant = tenant;
  guest.pool = runtime.guest.substr(0, runtime.guest.find('/'));
  guest.guest = runtime.guest;
  guest.domain = runtime.domain;
  guest.network = "bh-" + tenant.name + "-" + guest.pool;
  guest.running = runtime.running;
  guest.console_log = runtime.console_log;
  guest.service = runtime.service;
  if (!runtime.service.empty()) {
    guest.standing = runtime.running ? Standing::owners : Standing::off;
    return guest;
  }
  guest.lease = known.lease;
  const bool counts = verdict && (runtime.running ? verdict->time_ms > runtime.started_ms : !verdict->attested);
  if (counts) {
    guest.standing = verdict->attested ? by_lease(known.lease) : Standing::refused;
    guest.reasons = verdict->reasons;
    if (guest.standing == Standing::ended) guest.reasons.push_back(known.lease->ended);
    guest.pcrs = verdict->pcrs;
    if (guest.standing == Standing::attested) guest.claims = verdict->claims;
    guest.as_predicted = as_predicted(intent_of(plan, runtime.guest), *verdict);
  } else if (!runtime.running) {
    guest.standing = Standing::off;
  }
  return guest;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

const char* predicted_text(const GuestStanding& guest) {
  if (!guest.as_predicted) return "-";
  return *guest.as_predicted ? "yes" : "NO";
}

/// "boot 3", with what is wrong with its lease.
std::string life_text(const GuestStanding& guest) {
  if (!guest.lease) return "-";
  const std::string boot = "boot " + std::to_string(guest.lease->boot);
  return guest.lease->standing == "current" ? boot : boot + ", " + guest.lease->standing;
}

Json lease_json(const std::optional<attestation::LeaseState>& lease) {
  if (!lease) return {};
  return Json::Object{{"boot", lease->boot},      {"since", lease->since_ms},    {"renewed", lease->renewed_ms},
                      {"until", lease->until_ms}, {"standing", lease->standing}, {"ended", lease->ended}};
}

/// A line for each tenant whose service is its owner's.
std::string owners_lines(const std::vector<GuestStanding>& guests) {
  std::map<std::string, std::string> services;
  for (const GuestStanding& guest : guests) {
    if (!guest.service.empty()) services[guest.tenant.name] = guest.service;
  }
  std::string out;
  for (const auto& [tenant, url] : services)
    out += tenant + ": its guests report to its owner's service, " + url +
           "; their verdicts are the owner's to ask for: bulkhead service show " + tenant + " --url " + url + "\n";
  return out;
}

}  // namespace

const char* name_of(Standing standing) noexcept {
  switch (standing) {
    case Standing::attested:
      return "attested";
    case Standing::refused:
      return "refused";
    case Standing::never_attested:
      return "never attested";
    case Standing::lapsed:
      return "lease lapsed";
    case Standing::ended:
      return "lease ended";
    case Standing::off:
      return "off";
    case Standing::owners:
      return "its owner's";
  }
  return "";
}

std::vector<GuestStanding> standings(const base::TenantId& tenant, const std::vector<GuestRuntime>& guests,
                                     const std::optional<attestation::ServiceState>& state, const Plan* plan) {
  std::vector<GuestStanding> all;
  all.reserve(guests.size());
  for (const GuestRuntime& guest : guests)
    all.push_back(standing_of(tenant, guest, known_of(state, guest.guest), plan));
  if (plan == nullptr) return all;
  for (const GuestIntent& wanted : plan->intent.guests) {
    const auto same = [&](const GuestRuntime& known) { return known.guest == wanted.id.text(); };
    if (std::any_of(guests.begin(), guests.end(), same)) continue;
    all.push_back(standing_of(tenant, {wanted.id.text(), tenants::domain_name(wanted.id), false, 0, ""}, {}, plan));
    all.back().defined = false;
  }
  return all;
}

bool settled(const std::vector<GuestStanding>& guests) {
  return std::none_of(guests.begin(), guests.end(),
                      [](const GuestStanding& guest) { return guest.standing == Standing::never_attested; });
}

bool all_attested(const std::vector<GuestStanding>& guests) {
  return !guests.empty() && std::all_of(guests.begin(), guests.end(), [](const GuestStanding& guest) {
    return guest.standing == Standing::attested && guest.as_predicted.value_or(true);
  });
}

std::string standings_table(const std::vector<GuestStanding>& guests) {
  const auto row = [](const std::string& tenant, const std::string& pool, const std::string& guest,
                      const std::string& network, const std::string& predicted, const std::string& life,
                      const std::string& verdict) {
    return padded(tenant, 14) + padded(pool, 10) + padded(guest, 12) + padded(network, 26) + padded(predicted, 24) +
           padded(life, 18) + verdict + "\n";
  };
  std::string out = row("TENANT", "POOL", "GUEST", "NETWORK", "PREDICTED = REPORTED", "LIFE", "VERDICT");
  for (const GuestStanding& guest : guests) {
    out += row(guest.tenant.name, guest.pool, guest.guest, guest.network, predicted_text(guest), life_text(guest),
               std::string(name_of(guest.standing)) + (guest.fenced ? ", fenced" : ""));
  }
  for (const GuestStanding& guest : guests) {
    for (const std::string& reason : guest.reasons) out += guest.tenant.name + " " + guest.guest + ": " + reason + "\n";
    const bool off = guest.standing == Standing::off;
    if ((off || guest.standing == Standing::never_attested) && !guest.console_log.empty()) {
      out += guest.tenant.name + " " + guest.guest +
             (off ? ": is off, so nothing vouches for it" : ": no verdict since this boot") +
             "; its console: " + guest.console_log + "\n";
    }
  }
  return out + owners_lines(guests);
}

std::string claims_text(const std::vector<GuestStanding>& guests) {
  std::string out;
  for (const GuestStanding& guest : guests) {
    if (guest.standing != Standing::attested || !guest.claims.is_object()) continue;
    out += "\ntoken of " + guest.tenant.name + " " + guest.guest + "\n";
    for (const auto& [name, value] : guest.claims.object()) out += "  " + padded(name, 22) + value.compact() + "\n";
  }
  return out;
}

Json standings_json(const std::vector<GuestStanding>& guests) {
  Json::Array list;
  for (const GuestStanding& guest : guests) {
    Json::Array reasons;
    for (const std::string& reason : guest.reasons) reasons.emplace_back(reason);
    list.push_back(Json::Object{{"tenant", guest.tenant.name},
                                {"pool", guest.pool},
                                {"guest", guest.guest},
                                {"domain", guest.domain},
                                {"network", guest.network},
                                {"running", guest.running},
                                {"fenced", guest.fenced},
                                {"service", guest.service.empty() ? Json() : Json(guest.service)},
                                {"verdict", name_of(guest.standing)},
                                {"asPredicted", guest.as_predicted ? Json(*guest.as_predicted) : Json()},
                                {"reasons", reasons},
                                {"lease", lease_json(guest.lease)},
                                {"pcrs", guest.pcrs},
                                {"claims", guest.claims}});
  }
  return list;
}

}  // namespace provisioner
