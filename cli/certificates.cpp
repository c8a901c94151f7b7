#include "cli/certificates.h"

#include <algorithm>
#include <filesystem>

#include "attestation/admin_client.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utc_time.h"
#include "cli/certificate_store_folder.h"
#include "cli/verdict_report.h"
#include "provisioner/collateral_standing.h"

namespace cli {
namespace {

using attestation::StoredFile;
using base::Error;
using base::Json;
using base::Kind;

/// "current", "over", "notYet", or "" for what has no end.
std::string standing(const StoredFile& file, std::int64_t time) {
  if (time < file.from) return "notYet";
  if (file.until && time > *file.until) return "over";
  return "current";
}

void reload_one(const std::string& tenant, const std::string& run, Console& console) {
  const std::int64_t now = verification_time({});
  const auto service = attestation::make_admin_client(run + "/" + tenant + "/admin.sock");
  service->reload_collateral();
  const std::vector<attestation::CollateralItem> items = service->state().collateral;
  console.out << tenant << ": loaded " << items.size() << (items.size() == 1 ? " thing" : " things")
              << " to verify with\n"
              << provisioner::collateral_line({tenant}, items, now)
              << provisioner::collateral_warnings({tenant}, items, now);
}

}  // namespace

int certificates_import(const CertificatesImportOptions& options, Console& console) {
  put_into_store(read_for_store(options.paths), options.store, options.json, console);
  return 0;
}

int certificates_list(const CertificatesListOptions& options, Console& console) {
  if (!std::filesystem::is_directory(options.store))
    throw Error(Kind::failure,
                "cannot read " + options.store + ": wanted a folder, the store of `certificates import`");
  const std::int64_t time = verification_time(options.time);
  const StoredFiles files = read_for_store({options.store});
  Json::Array listed;
  std::size_t wrong = 0;
  for (const auto& [path, file] : files) {
    const std::string now = standing(file, time);
    if (now != "current") ++wrong;
    Json json = stored_file_json(file);
    json["standing"] = now;
    listed.push_back(json);
    if (options.json) continue;
    const std::string mark = now == "current" ? "current  " : now == "over" ? "OVER     " : "NOT YET  ";
    console.out << coloured(console, mark, now == "current" ? "32" : "31") << file.kind << "  "
                << (file.until ? "until " + base::utc_text(*file.until) : "without end") << "  " << file.subject << "  "
                << path << "\n";
  }
  if (options.json)
    console.out << Json{Json::Object{{"schema", "bulkhead.certificate-store/v1"},
                                     {"time", base::utc_text(time)},
                                     {"files", listed}}}
                       .pretty();
  else
    console.out << files.size() << " files, " << wrong << " not current at " << base::utc_text(time) << "\n";
  return wrong == 0 ? 0 : 1;
}

int certificates_reload(const CertificatesReloadOptions& options, Console& console) {
  int code = 0;
  for (const std::string& tenant : options.tenants) {
    try {
      reload_one(tenant, options.run, console);
    } catch (const Error& error) {
      console.err << "bulkhead: " << tenant << ": " << error.what() << "\n";
      code = std::max(code, base::exit_code(error.kind()));
    }
  }
  return code;
}

}  // namespace cli
