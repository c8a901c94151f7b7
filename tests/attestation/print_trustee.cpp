// Prints what Bulkhead renders for Trustee of a sample approval, what Trustee's verifiers say of its guest worker/0,
// and what of that must not be otherwise. Read by tests/programs/trustee_policy.py.
//
// usage: attestation_print_trustee tpm|snp|tdx
#include <iostream>

#include "attestation/trustee.h"
#include "base/crypto.h"
#include "base/encoding.h"

namespace {

using namespace attestation;
using base::Json;

base::Sha256 digest(const std::string& text) {
  return base::sha256(base::bytes_of(text));
}
base::Sha384 long_digest(const std::string& text) {
  return base::sha384(base::bytes_of(text));
}

Json wrong(const std::string& path, const Json& value) {
  return Json::Array{Json(path), value};
}

struct Sample {
  Approval approval;
  std::map<std::string, base::Buffer> keys;
  Json::Array right, wrong;
};

/// Registers as Trustee's `tpm` verifier names them.
Sample tpm_sample() {
  measurement::TpmReferenceValues values;
  Json registers{Json::Object{}};
  for (const unsigned pcr : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 9U}) {
    values.pcrs.sha256[pcr] = digest("register " + std::to_string(pcr));
    registers["pcr0" + std::to_string(pcr)] = values.pcrs.sha256[pcr].hex();
  }
  Sample sample{{"acme", "emulated", digest("intent"), std::nullopt, {}}, {}, {}, {}};
  for (const std::string guest : {"control/0", "worker/0"}) {
    sample.approval.guests.push_back({guest, digest("initdata of " + guest), values});
    sample.keys[guest] = base::buffer_of(base::bytes_of("key of " + guest));
  }
  base::Buffer extended(32, 0);
  base::append(extended, digest("initdata of worker/0").bytes);
  registers["pcr08"] = base::sha256(extended).hex();
  registers["ak_public"] = base::base64(sample.keys.at("worker/0"));
  sample.right.push_back(Json::Object{{"tpm", registers}, {"init_data", registers.at("pcr08")}});
  for (const char* name : {"pcr02", "pcr03", "pcr04", "pcr05", "pcr07", "pcr08", "pcr09"}) {
    sample.wrong.push_back(wrong("tpm/" + std::string(name), digest("another").hex()));
    sample.wrong.push_back(wrong("tpm/" + std::string(name), Json()));
  }
  sample.wrong.push_back(wrong("tpm/ak_public", base::base64(sample.keys.at("control/0"))));
  sample.wrong.push_back(wrong("tpm/ak_public", "c3RyYW5nZXI="));
  sample.wrong.push_back(wrong("tpm", Json()));
  return sample;
}

Json snp_claims(const std::string& measurement, bool as_text) {
  const auto flag = [&](bool value) { return as_text ? Json(value ? "true" : "false") : Json(value); };
  const auto number = [&](int value) { return as_text ? Json(std::to_string(value)) : Json(value); };
  return Json::Object{{"measurement", measurement},           {"policy_abi_major", number(0)},
                      {"policy_abi_minor", number(31)},       {"policy_smt_allowed", flag(true)},
                      {"policy_migrate_ma", flag(false)},     {"policy_debug_allowed", flag(false)},
                      {"policy_single_socket", flag(false)},  {"platform_smt_enabled", flag(false)},
                      {"platform_tsme_enabled", flag(false)}, {"chip_id", std::string(128, 'c')},
                      {"reported_tcb_bootloader", number(4)}, {"reported_tcb_tee", number(0)},
                      {"reported_tcb_snp", number(23)},       {"reported_tcb_microcode", number(219)}};
}

Sample snp_sample() {
  measurement::SnpReferenceValues values;
  values.launch_digest = measurement::LaunchDigest::parse(long_digest("launch").hex()).value();
  values.policy = 0x3001f;
  HardwarePolicy hardware;
  hardware.smt = false;
  hardware.chips = {std::string(128, 'c')};
  hardware.minimum_tcb["milan"] = {std::nullopt, 4, 0, 23, 219};
  Sample sample{{"acme", "snp", digest("intent"), 4'000'000'000, {}}, {}, {}, {}};
  for (const std::string guest : {"control/0", "worker/0"}) {
    values.host_data = digest("initdata of " + guest);
    sample.approval.guests.push_back({guest, values.host_data, values, hardware});
  }
  for (const bool as_text : {false, true}) {
    sample.right.push_back(Json::Object{{"snp", snp_claims(values.launch_digest.hex(), as_text)},
                                        {"init_data", digest("initdata of worker/0").hex()}});
  }
  sample.wrong = {wrong("snp/measurement", long_digest("another").hex()),
                  wrong("init_data", digest("another").hex()),
                  wrong("init_data", Json()),
                  wrong("snp/policy_debug_allowed", true),
                  wrong("snp/policy_debug_allowed", Json()),
                  wrong("snp/policy_migrate_ma", true),
                  wrong("snp/policy_abi_minor", 30),
                  wrong("snp/policy_abi_major", 1),
                  wrong("snp/platform_smt_enabled", true),
                  wrong("snp/chip_id", std::string(128, 'd')),
                  wrong("snp/reported_tcb_snp", 22),
                  wrong("snp/reported_tcb_microcode", 0),
                  wrong("snp", Json())};
  return sample;
}

Sample tdx_sample() {
  measurement::TdxReferenceValues values;
  values.mrtd = measurement::Mrtd::parse(long_digest("firmware").hex()).value();
  for (std::size_t i = 0; i < values.rtmrs.size(); ++i) {
    values.rtmrs.at(i) = {long_digest("rtmr " + std::to_string(i)), long_digest("other rtmr " + std::to_string(i))};
  }
  Sample sample{{"acme", "tdx", digest("intent"), std::nullopt, {}}, {}, {}, {}};
  for (const std::string guest : {"control/0", "worker/0"}) {
    values.mr_config_id = measurement::MrConfigId::parse(long_digest("initdata of " + guest).hex()).value();
    sample.approval.guests.push_back({guest, digest("initdata of " + guest), values});
  }
  const Json header = Json::Object{{"tee_type", "81000000"}, {"vendor_id", "939a7233f79c4ca9940a0db3957f0607"}};
  const Json body = Json::Object{{"mr_td", values.mrtd.hex()},
                                 {"mr_config_id", values.mr_config_id.hex()},
                                 {"mr_owner", std::string(96, '0')},
                                 {"mr_owner_config", std::string(96, '0')},
                                 {"rtmr_0", long_digest("rtmr 0").hex()},
                                 {"rtmr_1", long_digest("other rtmr 1").hex()},
                                 {"rtmr_2", long_digest("rtmr 2").hex()},
                                 {"td_attributes", "0000001000000000"}};
  sample.right.push_back(
      Json::Object{{"tdx", Json::Object{{"quote", Json::Object{{"header", header}, {"body", body}}},
                                        {"td_attributes", Json::Object{{"debug", false}, {"septve_disable", true}}},
                                        {"tcb_status", "UpToDate"},
                                        {"collateral_expiration_status", "0"}}},
                   {"init_data", values.mr_config_id.hex()}});
  for (const char* name : {"mr_td", "mr_config_id", "mr_owner", "mr_owner_config", "rtmr_0", "rtmr_1", "rtmr_2"}) {
    sample.wrong.push_back(wrong("tdx/quote/body/" + std::string(name), long_digest("another").hex()));
  }
  sample.wrong.push_back(wrong("tdx/quote/body/td_attributes", "0000000000000000"));  // SEPT_VE_DISABLE is off
  sample.wrong.push_back(wrong("tdx/quote/body/td_attributes", "0000003000000000"));  // MIGRATABLE
  sample.wrong.push_back(wrong("tdx/td_attributes/debug", true));
  sample.wrong.push_back(wrong("tdx/tcb_status", "OutOfDate"));
  sample.wrong.push_back(wrong("tdx/collateral_expiration_status", "1"));
  sample.wrong.push_back(wrong("tdx/quote/header/tee_type", "00000000"));
  sample.wrong.push_back(wrong("tdx", Json()));
  return sample;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 2 ? argv[1] : "";
  const Sample sample = kind == "tpm" ? tpm_sample() : kind == "snp" ? snp_sample() : tdx_sample();
  const TrusteeRequest request{sample.approval, "https://192.0.2.7:8443", "/etc/trustee", sample.keys};
  std::cout << Json(Json::Object{{"attestationPolicy", trustee_attestation_policy(request)},
                                 {"resourcePolicy", trustee_resource_policy(request)},
                                 {"referenceValues", trustee_reference_values(request)},
                                 {"right", sample.right},
                                 {"wrong", sample.wrong}})
                   .pretty();
  return 0;
}
