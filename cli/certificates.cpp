#include "cli/certificates.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "attestation/admin_client.h"
#include "attestation/certificate_store.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "cli/certificate_files.h"
#include "cli/verdict_report.h"
#include "provisioner/collateral_standing.h"

namespace cli {
namespace {

using attestation::StoredFile;
using base::Error;
using base::Json;
using base::Kind;

constexpr unsigned store_mode = 0644;

/// By path, so each thing once and always in one order.
using StoredFiles = std::map<std::string, StoredFile>;

/// Reads every file twice: an issuer may come in a later one.
StoredFiles read_all(const std::vector<std::string>& paths) {
  const attestation::StoreAnchors anchors;
  std::map<std::string, std::string> contents;
  std::vector<base::X509Certificate> known;
  for (const std::string& path : vendor_files(paths)) {
    contents[path] = base::read_file(path, largest_vendor_file);
    try {
      const auto objects = base::parse_x509(base::bytes_of(contents[path]), path);
      known.insert(known.end(), objects.certificates.begin(), objects.certificates.end());
    } catch (const Error&) {
      continue;  // another kind of file: the second reading says when it is none
    }
  }
  StoredFiles files;
  for (const auto& [path, content] : contents)
    for (StoredFile& file : attestation::stored_files(base::bytes_of(content), path, anchors, known))
      files.insert_or_assign(file.path, std::move(file));
  return files;
}

/// "current", "over", "notYet", or "" for what has no end.
std::string standing(const StoredFile& file, std::int64_t time) {
  if (time < file.from) return "notYet";
  if (file.until && time > *file.until) return "over";
  return "current";
}

Json file_json(const StoredFile& file) {
  Json json{Json::Object{{"kind", file.kind},
                         {"path", file.path},
                         {"subject", file.subject},
                         {"from", base::utc_text(file.from)},
                         {"until", nullptr}}};
  if (file.until) json["until"] = base::utc_text(*file.until);
  return json;
}

/// Writes what is not there. @returns whether it was new
bool put(const StoredFile& file, const std::filesystem::path& store) {
  const std::filesystem::path path = store / file.path;
  const auto before = base::read_file_if_any(path.string(), largest_vendor_file);
  if (before && std::ranges::equal(base::bytes_of(*before), file.content)) return false;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw Error(Kind::failure, "cannot make " + path.parent_path().string() + ": " + error.message());
  base::write_file_atomically(path.string(), file.content, store_mode);
  return true;
}

}  // namespace

int certificates_import(const CertificatesImportOptions& options, Console& console) {
  const StoredFiles files = read_all(options.paths);
  Json::Array imported;
  std::size_t added = 0;
  for (const auto& [path, file] : files) {
    const bool is_new = put(file, options.store);
    added += is_new ? 1 : 0;
    Json json = file_json(file);
    json["new"] = is_new;
    imported.push_back(json);
    if (!options.json) console.out << (is_new ? "new   " : "kept  ") << path << "  " << file.subject << "\n";
  }
  if (options.json)
    console.out << Json{Json::Object{{"schema", "bulkhead.certificate-import/v1"}, {"files", imported}}}.pretty();
  else
    console.out << added << " of " << files.size() << " are new\n";
  return 0;
}

int certificates_list(const CertificatesListOptions& options, Console& console) {
  if (!std::filesystem::is_directory(options.store))
    throw Error(Kind::failure,
                "cannot read " + options.store + ": wanted a folder, the store of `certificates import`");
  const std::int64_t time = verification_time(options.time);
  const StoredFiles files = read_all({options.store});
  Json::Array listed;
  std::size_t wrong = 0;
  for (const auto& [path, file] : files) {
    const std::string now = standing(file, time);
    if (now != "current") ++wrong;
    Json json = file_json(file);
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
  const std::int64_t now = verification_time({});
  for (const std::string& tenant : options.tenants) {
    const auto service = attestation::make_admin_client(options.run + "/" + tenant + "/admin.sock");
    service->reload_collateral();
    const std::vector<attestation::CollateralItem> items = service->state().collateral;
    console.out << tenant << ": loaded " << items.size() << (items.size() == 1 ? " thing" : " things")
                << " to verify with\n"
                << provisioner::collateral_line({tenant}, items, now)
                << provisioner::collateral_warnings({tenant}, items, now);
  }
  return 0;
}

}  // namespace cli
