#include "attestation/guest_name.h"
#include "attestation/trustee.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

/// Guest policy. Source: AMD 56860 revision 1.57, table 9.
constexpr std::uint64_t smt_allowed = 1ULL << 16U, migrate_ma = 1ULL << 18U, debug = 1ULL << 19U,
                        single_socket = 1ULL << 20U;

constexpr const char* policy_head = R"(package policy

import rego.v1

default executables := 33

default hardware := 97

default configuration := 36

default instance_identity := 97

trust_claims := {
	"executables": executables,
	"hardware": hardware,
	"configuration": configuration,
	"instance-identity": instance_identity,
	"file-system": 0,
	"runtime-opaque": 0,
	"storage-opaque": 0,
	"sourced-data": 0,
}

executables := 3 if count(approved) == 1

configuration := 2 if count(approved) == 1

instance_identity := 2 if count(approved) == 1

# Trustee says flags and numbers as JSON, or as text, depending on its version.
same(claim, wanted) if claim == wanted

same(claim, wanted) if claim == json.marshal(wanted)

allowed_chip(_, chips) if count(chips) == 0

allowed_chip(chip, chips) if chip in chips

in_time if not_after == 0

in_time if time.now_ns() / 1000000000 < not_after

)";

/// A software TPM vouches for no hardware.
constexpr const char* tpm_rules = R"(hardware := 0 if count(approved) == 1

approved contains name if {
	in_time
	some name, guest in guests
	every register, value in guest.registers {
		input.tpm[register] == value
	}
	input.tpm.ak_public in query_reference_value(guest.key)
}
)";

constexpr const char* snp_rules = R"(hardware := 2 if count(approved) == 1

approved contains name if {
	in_time
	some name, guest in guests
	input.snp.measurement == guest.measurement
	input.init_data == guest.init_data
	every claim, value in guest.policy {
		same(input.snp[claim], value)
	}
	to_number(input.snp.policy_abi_minor) >= guest.least_abi_minor
	smt_as_wanted(guest)
	allowed_chip(input.snp.chip_id, guest.chips)
	every claim, least in guest.least_tcb {
		to_number(input.snp[claim]) >= least
	}
}

smt_as_wanted(guest) if guest.smt

smt_as_wanted(guest) if {
	not guest.smt
	same(input.snp.platform_smt_enabled, false)
}
)";

/// The seventh digit of the attributes has bits 28 to 31: SEPT_VE_DISABLE must be set, MIGRATABLE (2) is for the owner
/// to say.
constexpr const char* tdx_rules = R"(hardware := 2 if count(approved) == 1

approved contains name if {
	in_time
	some name, guest in guests
	body := input.tdx.quote.body
	input.tdx.quote.header.tee_type == "81000000"
	input.tdx.quote.header.vendor_id == "939a7233f79c4ca9940a0db3957f0607"
	body.mr_config_id == guest.init_data
	every claim, values in guest.measurements {
		body[claim] in values
	}
	same(input.tdx.td_attributes.debug, guest.debug)
	substring(body.td_attributes, 6, 1) in guest.attribute_digits
	input.tdx.tcb_status in guest.tcb_statuses
	same(input.tdx.collateral_expiration_status, "0")
	allowed_chip(platform, guest.chips)
}

default platform := ""

platform := input.tdx.platform_instance_id

platform := input.tdx.platform_provider_id if not input.tdx.platform_instance_id
)";

constexpr const char* resource_rules = R"(package policy

import rego.v1

default allow := false

# Each guest gets its own bootstrap secret and nothing else.
allow if {
	data.plugin == "resource"
	input.submods.cpu0["ear.status"] == "affirming"
	evidence := input.submods.cpu0["ear.veraison.annotated-evidence"]
	some segment, guest in guests
	data["resource-path"] == ["bulkhead", "bootstrap", segment]
	of_guest(evidence, guest)
}
)";

Json tpm_guest(const ApprovedGuest& guest) {
  constexpr unsigned compared[] = {2, 3, 4, 5, 7, 9};
  Json registers{Json::Object{}};
  for (const unsigned pcr : compared) {
    const auto value = guest.tpm()->pcrs.sha256.find(pcr);
    if (value == guest.tpm()->pcrs.sha256.end()) {
      throw base::Error(base::Kind::failure,
                        guest.guest + ": the approval has no value for PCR " + std::to_string(pcr));
    }
    registers["pcr0" + std::to_string(pcr)] = value->second.hex();
  }
  base::Buffer extended(base::Sha256::size, 0);
  base::append(extended, guest.initdata.bytes);
  registers["pcr08"] = base::sha256(extended).hex();
  return Json::Object{{"registers", std::move(registers)}, {"key", "trusted_ak_" + path_segment_of(guest.guest)}};
}

Json chips_of(const ApprovedGuest& guest) {
  Json chips{Json::Array{}};
  for (const std::string& chip : guest.hardware.chips) chips.push_back(chip);
  return chips;
}

/// Trustee does not tell processor families apart, nor look at the FMC level.
Json least_tcb(const ApprovedGuest& guest) {
  Json levels{Json::Object{}};
  if (guest.hardware.minimum_tcb.empty()) return levels;
  if (guest.hardware.minimum_tcb.size() > 1) {
    throw base::Error(
        base::Kind::failure,
        guest.guest + ": minimum TCBs of several processor families, wanted one: Trustee does not tell them apart");
  }
  const LeastSnpTcb& least = guest.hardware.minimum_tcb.begin()->second;
  const std::pair<const char*, std::optional<std::uint8_t>> parts[] = {
      {"bootloader", least.bootloader}, {"tee", least.tee}, {"snp", least.snp}, {"microcode", least.microcode}};
  for (const auto& [part, level] : parts) {
    if (level) levels["reported_tcb_" + std::string(part)] = static_cast<std::int64_t>(*level);
  }
  return levels;
}

Json snp_guest(const ApprovedGuest& guest, const measurement::SnpReferenceValues& values) {
  const Json policy = Json::Object{{"policy_abi_major", static_cast<std::int64_t>(values.policy >> 8U & 0xffU)},
                                   {"policy_smt_allowed", (values.policy & smt_allowed) != 0},
                                   {"policy_migrate_ma", guest.hardware.migration && (values.policy & migrate_ma) != 0},
                                   {"policy_debug_allowed", guest.hardware.debug && (values.policy & debug) != 0},
                                   {"policy_single_socket", (values.policy & single_socket) != 0}};
  return Json::Object{{"measurement", values.launch_digest.hex()},
                      {"init_data", values.host_data.hex()},
                      {"policy", policy},
                      {"least_abi_minor", static_cast<std::int64_t>(values.policy & 0xffU)},
                      {"smt", guest.hardware.smt},
                      {"chips", chips_of(guest)},
                      {"least_tcb", least_tcb(guest)}};
}

template <typename Digest>
std::string hex_or_zeros(const std::optional<Digest>& digest) {
  return digest ? digest->hex() : Digest{}.hex();
}

Json tdx_guest(const ApprovedGuest& guest, const measurement::TdxReferenceValues& values) {
  Json measurements =
      Json::Object{{"mr_td", Json::Array{Json(values.mrtd.hex())}},
                   {"mr_owner", Json::Array{Json(hex_or_zeros(guest.hardware.mr_owner))}},
                   {"mr_owner_config", Json::Array{Json(hex_or_zeros(guest.hardware.mr_owner_config))}}};
  for (std::size_t i = 0; i < values.rtmrs.size(); ++i) {
    Json right{Json::Array{}};
    for (const auto& value : values.rtmrs.at(i)) right.push_back(value.hex());
    measurements["rtmr_" + std::to_string(i)] = std::move(right);
  }
  Json statuses{Json::Array{}}, digits{Json::Array{"1", "5", "9", "d"}};
  for (const std::string& status : guest.hardware.tcb_statuses) statuses.push_back(status);
  if (guest.hardware.migration) {
    for (const char* digit : {"3", "7", "b", "f"}) digits.push_back(digit);
  }
  return Json::Object{{"init_data", values.mr_config_id.hex()}, {"measurements", std::move(measurements)},
                      {"debug", guest.hardware.debug},          {"attribute_digits", std::move(digits)},
                      {"tcb_statuses", std::move(statuses)},    {"chips", chips_of(guest)}};
}

Json guest_json(const ApprovedGuest& guest) {
  if (guest.tpm() != nullptr) return tpm_guest(guest);
  if (const auto* snp = std::get_if<measurement::SnpReferenceValues>(&guest.reference_values)) {
    return snp_guest(guest, *snp);
  }
  return tdx_guest(guest, std::get<measurement::TdxReferenceValues>(guest.reference_values));
}

std::string table(const char* name, const Json& rows) {
  return "\n" + std::string(name) + " := " + rows.pretty();
}

const char* rules_of(const std::string& tee) {
  if (tee == "emulated") return tpm_rules;
  return tee == "snp" ? snp_rules : tdx_rules;
}

}  // namespace

std::string trustee_attestation_policy(const TrusteeRequest& request) {
  Json guests{Json::Object{}};
  for (const ApprovedGuest& guest : request.approval.guests) guests[guest.guest] = guest_json(guest);
  return "# The approval of tenant " + request.approval.tenant + ", intent " + request.approval.intent_digest.hex() +
         ",\n# as Trustee's attestation policy `default_cpu`, rendered by `bulkhead trustee render`.\n" + policy_head +
         rules_of(request.approval.tee) + "\nnot_after := " + std::to_string(request.approval.not_after.value_or(0)) +
         "\n" + table("guests", guests);
}

std::string trustee_resource_policy(const TrusteeRequest& request) {
  const bool by_key = request.approval.tee == "emulated";
  const Json keys = trustee_reference_values(request);
  Json guests{Json::Object{}};
  for (const ApprovedGuest& guest : request.approval.guests) {
    const std::string segment = path_segment_of(guest.guest);
    guests[segment] = by_key ? keys.at("trusted_ak_" + segment).array().at(0) : guest_json(guest).at("init_data");
  }
  const char* const rule = by_key ? "\nof_guest(evidence, key) if evidence.tpm.ak_public == key\n"
                                  : "\nof_guest(evidence, initdata) if evidence.init_data == initdata\n";
  return "# Which secret is whose: tenant " + request.approval.tenant +
         ", Trustee's resource policy, rendered by `bulkhead trustee render`.\n" + resource_rules + rule +
         table("guests", guests);
}

}  // namespace attestation
