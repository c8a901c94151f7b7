#include "cli/host_probe.h"

#include <algorithm>

#include "base/error.h"
#include "provisioner/host_module.h"

namespace cli {
namespace {

using provisioner::ProbeFinding;

base::Tee tee_named(const std::string& name) {
  for (const base::Tee tee : {base::Tee::snp, base::Tee::tdx, base::Tee::emulated}) {
    if (name == base::name_of(tee)) return tee;
  }
  throw base::Error(base::Kind::usage, "--tee: wanted snp, tdx or emulated, got '" + name + "'");
}

base::Json json_of(const HostProbeOptions& options, const std::vector<ProbeFinding>& findings) {
  base::Json json;
  json["schema"] = "bulkhead.host-probe/v1";
  json["tee"] = options.tee;
  json["uri"] = options.uri;
  json["findings"] = base::Json::Array{};
  for (const ProbeFinding& finding : findings) {
    base::Json entry;
    entry["check"] = finding.check;
    entry["present"] = finding.present;
    entry["got"] = finding.got;
    if (!finding.present) entry["remedy"] = finding.remedy;
    json["findings"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

int host_probe(const HostProbeOptions& options, Console& console) {
  const base::Tee tee = tee_named(options.tee);
  const std::vector<ProbeFinding> findings = provisioner::load_host_module()->probe(options.uri, tee);
  const auto missing =
      std::count_if(findings.begin(), findings.end(), [](const ProbeFinding& finding) { return !finding.present; });
  if (options.json) {
    console.out << json_of(options, findings).pretty();
  } else {
    for (const ProbeFinding& finding : findings) {
      console.out << (finding.present ? coloured(console, "  ok      ", "32") : coloured(console, "  missing ", "31"))
                  << finding.check << ": " << finding.got << "\n";
      if (!finding.present) console.out << "            " << finding.remedy << "\n";
    }
    console.out << (missing == 0 ? "this host can run " : "this host cannot run ") << options.tee << " guests"
                << (missing == 0 ? "" : ": " + std::to_string(missing) + " missing") << "\n";
  }
  return missing == 0 ? 0 : base::exit_code(base::Kind::host);
}

}  // namespace cli
