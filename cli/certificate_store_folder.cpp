#include "cli/certificate_store_folder.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "cli/certificate_files.h"

namespace cli {
namespace {

using attestation::StoredFile;
using base::Error;
using base::Json;
using base::Kind;

constexpr unsigned store_mode = 0644;

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

StoredFiles sorted_for_store(const std::map<std::string, std::string>& contents) {
  const attestation::StoreAnchors anchors;
  std::vector<base::X509Certificate> known;
  for (const auto& [name, content] : contents) {
    try {
      const auto objects = base::parse_x509(base::bytes_of(content), name);
      known.insert(known.end(), objects.certificates.begin(), objects.certificates.end());
    } catch (const Error&) {
      continue;  // another kind of file: the second reading says when it is none
    }
  }
  StoredFiles files;
  for (const auto& [name, content] : contents)
    for (StoredFile& file : attestation::stored_files(base::bytes_of(content), name, anchors, known))
      files.insert_or_assign(file.path, std::move(file));
  return files;
}

StoredFiles read_for_store(const std::vector<std::string>& paths) {
  std::map<std::string, std::string> contents;
  for (const std::string& path : vendor_files(paths)) contents[path] = base::read_file(path, largest_vendor_file);
  return sorted_for_store(contents);
}

Json stored_file_json(const StoredFile& file) {
  Json json{Json::Object{{"kind", file.kind},
                         {"path", file.path},
                         {"subject", file.subject},
                         {"from", base::utc_text(file.from)},
                         {"until", nullptr}}};
  if (file.until) json["until"] = base::utc_text(*file.until);
  return json;
}

void put_into_store(const StoredFiles& files, const std::string& store, bool json, Console& console) {
  Json::Array imported;
  std::size_t added = 0;
  for (const auto& [path, file] : files) {
    const bool is_new = put(file, store);
    added += is_new ? 1 : 0;
    Json one = stored_file_json(file);
    one["new"] = is_new;
    imported.push_back(one);
    if (!json) console.out << (is_new ? "new   " : "kept  ") << path << "  " << file.subject << "\n";
  }
  if (json)
    console.out << Json{Json::Object{{"schema", "bulkhead.certificate-import/v1"}, {"files", imported}}}.pretty();
  else
    console.out << added << " of " << files.size() << " are new\n";
}

}  // namespace cli
