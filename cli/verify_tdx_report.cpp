#include "cli/verify_tdx_report.h"

#include <array>

#include "base/encoding.h"
#include "base/utc_time.h"
#include "cli/verdict_report.h"

namespace cli {
namespace {

using attestation::PckExtension;
using attestation::TcbJudgement;
using base::Json;
using measurement::TdQuote;

struct Flag {
  unsigned bit;
  const char* name;
};
// Source: Intel TDX Module ABI 1.5, ATTRIBUTES of a TD.
constexpr std::array attribute_flags{Flag{0, "debug"},       Flag{27, "lass"},           Flag{28, "septVeDisable"},
                                     Flag{29, "migratable"}, Flag{30, "protectionKeys"}, Flag{31, "keyLocker"},
                                     Flag{63, "perfmon"}};
constexpr unsigned debug_bit = 0;

bool has_bit(std::uint64_t value, unsigned bit) {
  return ((value >> bit) & 1U) != 0;
}

Json attributes_json(std::uint64_t attributes) {
  Json json{Json::Object{{"value", base::hex_number(attributes)}}};
  for (const Flag& flag : attribute_flags) json[flag.name] = has_bit(attributes, flag.bit);
  return json;
}

Json enclave_json(const TdQuote& quote) {
  const measurement::EnclaveReport& report = quote.qe_report;
  return Json::Object{{"cpuSvn", base::hex(report.cpu_svn)},
                      {"miscSelect", base::hex(report.misc_select)},
                      {"attributes", base::hex(report.attributes)},
                      {"mrEnclave", base::hex(report.mr_enclave)},
                      {"mrSigner", base::hex(report.mr_signer)},
                      {"isvProdId", static_cast<unsigned>(report.isv_prod_id)},
                      {"isvSvn", static_cast<unsigned>(report.isv_svn)},
                      {"reportData", base::hex(report.report_data)}};
}

Json quote_json(const TdQuote& quote) {
  Json::Array rtmr;
  for (const base::Sha384& value : quote.td.rtmr) rtmr.emplace_back(value.hex());
  Json json{Json::Object{{"version", static_cast<unsigned>(quote.version)},
                         {"body", quote.later ? "tdx1.5" : "tdx1.0"},
                         {"qeVendor", base::hex(quote.qe_vendor)},
                         {"userData", base::hex(quote.user_data)},
                         {"teeTcbSvn", base::hex(quote.tee_tcb_svn)},
                         {"mrseam", quote.td.mr_seam.hex()},
                         {"mrsignerseam", quote.mr_signer_seam.hex()},
                         {"seamAttributes", base::hex(quote.seam_attributes)},
                         {"tdAttributes", attributes_json(quote.td.attributes)},
                         {"xfam", base::hex_number(quote.td.xfam)},
                         {"mrtd", quote.td.mrtd.hex()},
                         {"mrconfigid", quote.td.mr_config_id.hex()},
                         {"mrowner", quote.td.mr_owner.hex()},
                         {"mrownerconfig", quote.td.mr_owner_config.hex()},
                         {"rtmr", std::move(rtmr)},
                         {"reportData", base::hex(quote.report_data)},
                         {"quotingEnclave", enclave_json(quote)},
                         {"certificationType", static_cast<unsigned>(quote.certification_type)},
                         {"trailingBytes", static_cast<std::int64_t>(quote.trailing_bytes)}}};
  if (quote.later) {
    json["teeTcbSvn2"] = base::hex(quote.later->tee_tcb_svn);
    json["mrservicetd"] = quote.later->mr_service_td.hex();
  }
  return json;
}

Json texts_json(const std::vector<std::string>& texts) {
  return Json::Array(texts.begin(), texts.end());
}

Json judgement_json(const TcbJudgement& judgement) {
  Json json{Json::Object{{"status", attestation::name_of(judgement.status)},
                         {"advisories", texts_json(judgement.advisories)},
                         {"tcbDate", nullptr}}};
  if (judgement.status != attestation::TcbStatus::not_supported) json["tcbDate"] = base::utc_text(judgement.tcb_date);
  return json;
}

Json tcb_json(const attestation::TcbEvaluation& tcb) {
  return Json::Object{{"status", attestation::name_of(tcb.status)},
                      {"advisories", texts_json(tcb.advisories)},
                      {"sgx", judgement_json(tcb.sgx)},
                      {"tdx", judgement_json(tcb.tdx)},
                      {"tdxModule", tcb.tdx_module ? judgement_json(*tcb.tdx_module) : Json()},
                      {"quotingEnclave", judgement_json(tcb.qe)}};
}

Json documents_json(const std::vector<attestation::UsedDocument>& documents) {
  Json::Array all;
  for (const auto& [name, edition] : documents)
    all.push_back(Json::Object{{"name", name},
                               {"issueDate", base::utc_text(edition.issued)},
                               {"nextUpdate", base::utc_text(edition.next_update)},
                               {"tcbEvaluationDataNumber", edition.evaluation_number}});
  return all;
}

void print_tcb(const attestation::TcbEvaluation& tcb, Console& console) {
  const bool fine = tcb.status == attestation::TcbStatus::up_to_date;
  console.out << "TCB status " << coloured(console, std::string(attestation::name_of(tcb.status)), fine ? "32" : "33");
  for (const std::string& advisory : tcb.advisories) console.out << " " << advisory;
  console.out << "\n";
}

}  // namespace

Json platform_json(const PckExtension& platform) {
  constexpr std::array types{"standard", "scalable", "scalableWithIntegrity"};
  Json json{Json::Object{{"fmspc", base::hex(platform.fmspc)},
                         {"pceId", base::hex(platform.pce_id)},
                         {"ppid", base::hex(platform.ppid)},
                         {"components", base::hex(platform.component_svns)},
                         {"pceSvn", static_cast<unsigned>(platform.pce_svn)},
                         {"cpuSvn", base::hex(platform.cpu_svn)},
                         {"sgxType", types.at(static_cast<std::size_t>(platform.type))}}};
  if (platform.platform_instance_id) json["platformInstanceId"] = base::hex(*platform.platform_instance_id);
  if (!platform.configuration) return json;
  const auto set = [&](const char* name, std::optional<bool> value) {
    if (value) json[name] = *value;
  };
  set("dynamicPlatform", platform.configuration->dynamic_platform);
  set("cachedKeys", platform.configuration->cached_keys);
  set("smtEnabled", platform.configuration->smt_enabled);
  return json;
}

Json report_json(const TdxReport& report) {
  const attestation::TdxVerification& found = report.verification;
  return Json::Object{{"schema", "bulkhead.verification/v1"},
                      {"evidence", "tdx"},
                      {"genuine", found.genuine},
                      {"signaturesValid", found.signatures_valid},
                      {"time", base::utc_text(report.time)},
                      {"quote", quote_json(report.quote)},
                      {"platform", report.platform.facts ? platform_json(*report.platform.facts) : Json()},
                      {"tcb", found.tcb ? tcb_json(*found.tcb) : Json()},
                      {"documents", documents_json(report.platform.documents)},
                      {"checks", checks_json(found.checks)}};
}

void print(const TdxReport& report, Console& console) {
  const attestation::TdxVerification& found = report.verification;
  console.out << "TDX quote, judged for " << base::utc_text(report.time) << "\n";
  print_fields(quote_json(report.quote), console);
  if (report.platform.facts) print_fields(platform_json(*report.platform.facts), console);
  print_checks(found.checks, console);
  if (found.tcb) print_tcb(*found.tcb, console);
  if (has_bit(report.quote.td.attributes, debug_bit))
    console.out << coloured(console, "a debug TD: whoever runs its host can read it", "31") << "\n";
  if (!found.genuine && found.signatures_valid)
    console.out << "Its signatures are valid from Intel's root down to the quote.\n";
}

}  // namespace cli
