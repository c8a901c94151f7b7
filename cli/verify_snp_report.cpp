#include "cli/verify_snp_report.h"

#include <array>

#include "base/encoding.h"
#include "base/utc_time.h"
#include "cli/verdict_report.h"

namespace cli {
namespace {

using attestation::SnpVerdict;
using base::Json;
using measurement::SnpReport;

struct Flag {
  unsigned bit;
  const char* name;
};
// Source: AMD 56860 (SEV-SNP firmware ABI), GUEST_POLICY and PLATFORM_INFO.
constexpr std::array policy_flags{Flag{16, "smt"},
                                  Flag{18, "migrationAgent"},
                                  Flag{19, "debug"},
                                  Flag{20, "singleSocket"},
                                  Flag{21, "cxl"},
                                  Flag{22, "memAes256Xts"},
                                  Flag{23, "raplDisabled"},
                                  Flag{24, "ciphertextHiding"},
                                  Flag{25, "pageSwapDisabled"}};
constexpr std::array platform_flags{Flag{0, "smt"},
                                    Flag{1, "tsme"},
                                    Flag{2, "ecc"},
                                    Flag{3, "raplDisabled"},
                                    Flag{4, "ciphertextHiding"},
                                    Flag{5, "aliasCheckComplete"},
                                    Flag{7, "tio"}};

Json flags_json(std::uint64_t value, std::span<const Flag> flags) {
  Json json{Json::Object{{"value", base::hex_number(value)}}};
  for (const Flag& flag : flags) json[flag.name] = ((value >> flag.bit) & 1U) != 0;
  return json;
}

Json policy_json(std::uint64_t policy) {
  Json json = flags_json(policy, policy_flags);
  json["abiMinor"] = static_cast<unsigned>(policy & 0xffU);
  json["abiMajor"] = static_cast<unsigned>((policy >> 8U) & 0xffU);
  return json;
}

Json tcb_json(std::uint64_t tcb, const SnpVerdict& verdict) {
  Json json{Json::Object{{"value", base::hex_number(tcb)}}};
  if (!verdict.product) return json;
  const Json parts = attestation::tcb_json(attestation::split_tcb(tcb, *verdict.product));
  for (const auto& [name, part] : parts.object()) json[name] = part;
  return json;
}

Json firmware_json(const measurement::SnpFirmware& firmware) {
  return std::to_string(firmware.major) + "." + std::to_string(firmware.minor) + "." + std::to_string(firmware.build);
}

Json key_info_json(const SnpReport& report) {
  const auto kind = attestation::signing_key(report);
  return Json::Object{{"value", base::hex_number(report.key_info)},
                      {"authorKeyEnabled", (report.key_info & 1U) != 0},
                      {"maskChipKey", (report.key_info & 2U) != 0},
                      {"signingKey", !kind                                              ? "none"
                                     : *kind == attestation::VekCertificate::Kind::vcek ? "vcek"
                                                                                        : "vlek"}};
}

void add_versioned(const SnpReport& report, Json& json) {
  if (report.host_cpu)
    json["cpuid"] = Json::Object{{"family", report.host_cpu->family},
                                 {"model", report.host_cpu->model},
                                 {"stepping", report.host_cpu->stepping}};
  if (report.launch_mitigations) json["launchMitigations"] = base::hex_number(*report.launch_mitigations);
  if (report.current_mitigations) json["currentMitigations"] = base::hex_number(*report.current_mitigations);
}

Json report_json(const SnpVerdict& verdict) {
  const SnpReport& report = verdict.report;
  Json json{Json::Object{{"version", report.version},
                         {"guestSvn", report.guest_svn},
                         {"policy", policy_json(report.policy)},
                         {"familyId", base::hex(report.family_id)},
                         {"imageId", base::hex(report.image_id)},
                         {"vmpl", report.vmpl},
                         {"signatureAlgorithm", report.signature_algorithm},
                         {"currentTcb", tcb_json(report.current_tcb, verdict)},
                         {"platformInfo", flags_json(report.platform_info, platform_flags)},
                         {"keyInfo", key_info_json(report)},
                         {"reportData", base::hex(report.report_data)},
                         {"measurement", report.measurement.hex()},
                         {"hostData", report.host_data.hex()},
                         {"idKeyDigest", report.id_key_digest.hex()},
                         {"authorKeyDigest", report.author_key_digest.hex()},
                         {"reportId", base::hex(report.report_id)},
                         {"reportIdMa", base::hex(report.report_id_ma)},
                         {"reportedTcb", tcb_json(report.reported_tcb, verdict)},
                         {"chipId", base::hex(report.chip_id)},
                         {"committedTcb", tcb_json(report.committed_tcb, verdict)},
                         {"current", firmware_json(report.current)},
                         {"committed", firmware_json(report.committed)},
                         {"launchTcb", tcb_json(report.launch_tcb, verdict)}}};
  add_versioned(report, json);
  return json;
}

Json key_json(const attestation::JudgedVek& key) {
  Json json{Json::Object{{"certificate", certificate_json(key.certificate)}}};
  Json::Array chain;
  for (const base::X509Certificate& certificate : key.chain.chain) chain.push_back(certificate_json(certificate));
  json["chain"] = chain;
  if (!key.facts) return json;
  json["kind"] = key.facts->kind == attestation::VekCertificate::Kind::vcek ? "vcek" : "vlek";
  json["productName"] = key.facts->product_text;
  json["tcb"] = attestation::tcb_json(key.facts->tcb);
  if (!key.facts->hardware_id.empty()) json["hardwareId"] = base::hex(key.facts->hardware_id);
  if (!key.facts->provider.empty()) json["provider"] = key.facts->provider;
  return json;
}

}  // namespace

Json verdict_json(const SnpVerdict& verdict, std::int64_t time) {
  Json json{Json::Object{{"schema", "bulkhead.verification/v1"},
                         {"evidence", "snp"},
                         {"genuine", verdict.genuine()},
                         {"time", base::utc_text(time)},
                         {"product", nullptr},
                         {"key", nullptr},
                         {"report", report_json(verdict)},
                         {"checks", checks_json(verdict.checks)}}};
  if (verdict.product) json["product"] = attestation::product_name(*verdict.product);
  if (verdict.key) json["key"] = key_json(*verdict.key);
  return json;
}

void print(const SnpVerdict& verdict, std::int64_t time, Console& console) {
  console.out << "SNP report of "
              << (verdict.product ? std::string(attestation::product_name(*verdict.product)) : "an unknown processor")
              << ", judged for " << base::utc_text(time) << "\n";
  print_fields(report_json(verdict), console);
  print_checks(verdict.checks, console);
}

}  // namespace cli
