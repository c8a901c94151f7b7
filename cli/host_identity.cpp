#include "cli/host_identity.h"

#include <array>

#include "attestation/snp_evidence_file.h"
#include "attestation/vcek_request.h"
#include "attestation/verify_snp.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "cli/tdx_host_identity.h"
#include "provisioner/sev_device.h"

namespace cli {
namespace {

using attestation::SnpProduct;
using base::Error;
using base::Json;
using base::Kind;

constexpr std::size_t largest_report = 1U << 22U;

struct Identity {
  const char* source = "";
  std::optional<SnpProduct> product;
  std::vector<std::array<std::uint8_t, 64>> chip_ids;
  std::uint64_t reported_tcb = 0, current_tcb = 0;
};

Identity of_report(const std::string& path) {
  const std::string content = base::read_file(path, largest_report);
  const auto report = measurement::read_snp_report(attestation::read_snp_evidence(base::bytes_of(content)).report);
  Identity identity{"report", {}, {}, report.reported_tcb, report.current_tcb};
  if (report.host_cpu) identity.product = attestation::product_of_cpu(*report.host_cpu);
  if (!attestation::chip_id_masked(report)) identity.chip_ids.push_back(report.chip_id);
  return identity;
}

Identity of_device(const std::string& device) {
  const auto opened = provisioner::open_sev_device(device);
  if (!opened)
    throw Error(Kind::host, "this host has no SEV: there is no " + device +
                                " (an SNP host has it once the module ccp is loaded and SEV is on in the firmware's "
                                "setup); --report takes a report made on the host instead");
  const provisioner::SevIdentity sev = provisioner::read_sev_identity(*opened);
  Identity identity{"device", {}, sev.chip_ids, sev.status.reported_tcb, sev.status.current_tcb};
  const auto cpuinfo = base::read_file_if_any("/proc/cpuinfo");
  if (const auto cpu = cpuinfo ? provisioner::amd_cpu(*cpuinfo) : std::nullopt)
    identity.product = attestation::product_of_cpu(*cpu);
  return identity;
}

Json tcb_json(std::uint64_t tcb, const std::optional<SnpProduct>& product) {
  Json json{Json::Object{{"value", base::hex_number(tcb)}}};
  if (!product) return json;
  const Json parts = attestation::tcb_json(attestation::split_tcb(tcb, *product));
  for (const auto& [name, part] : parts.object()) json[name] = part;
  return json;
}

Json identity_json(const Identity& identity) {
  Json::Array chips;
  for (const auto& id : identity.chip_ids) {
    Json chip{Json::Object{{"chipId", base::hex(id)}}};
    if (identity.product)
      chip["vcek"] = attestation::vcek_url(*identity.product, id,
                                           attestation::split_tcb(identity.reported_tcb, *identity.product));
    chips.push_back(chip);
  }
  Json json{Json::Object{{"schema", "bulkhead.host-identity/v1"},
                         {"tee", "snp"},
                         {"source", identity.source},
                         {"product", nullptr},
                         {"chips", chips},
                         {"reportedTcb", tcb_json(identity.reported_tcb, identity.product)},
                         {"currentTcb", tcb_json(identity.current_tcb, identity.product)}}};
  if (!identity.product) return json;
  json["product"] = attestation::product_name(*identity.product);
  json["revocationList"] = attestation::revocation_list_url(*identity.product);
  return json;
}

void print(const Identity& identity, Console& console) {
  const Json json = identity_json(identity);
  console.out << "product       " << (identity.product ? json.at("product").text() : "unknown") << "\n";
  if (identity.product)
    console.out << "reported TCB  "
                << attestation::tcb_text(attestation::split_tcb(identity.reported_tcb, *identity.product)) << "\n";
  else
    console.out << "reported TCB  " << base::hex_number(identity.reported_tcb) << "\n";
  if (identity.chip_ids.empty()) console.out << "chip id       masked\n";
  for (const Json& chip : json.at("chips").array()) {
    console.out << "chip id       " << chip.at("chipId").text() << "\n";
    if (identity.product) console.out << "VCEK          " << chip.at("vcek").text() << "\n";
  }
  if (identity.product) console.out << "revoked keys  " << json.at("revocationList").text() << "\n";
}

}  // namespace

int host_identity(const HostIdentityOptions& options, Console& console) {
  if (options.quote) {
    const Json identity = tdx_host_identity(*options.quote);
    if (options.json)
      console.out << identity.pretty();
    else
      print_tdx_host_identity(identity, console);
    return 0;
  }
  const Identity identity = options.report ? of_report(*options.report) : of_device(options.device);
  if (options.json)
    console.out << identity_json(identity).pretty();
  else
    print(identity, console);
  return 0;
}

}  // namespace cli
