#include "cli/certificate_files.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "attestation/snp_certificate_table.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace cli {
namespace {

constexpr std::size_t most_files = 4096;
constexpr std::array<std::string_view, 6> endings{".der", ".pem", ".crt", ".cer", ".crl", ".json"};

base::X509Objects read_certificate_file(const std::string& path) {
  const std::string content = base::read_file(path, largest_vendor_file);
  const base::Bytes bytes = base::bytes_of(content);
  try {
    if (attestation::is_snp_certificate_table(bytes)) return attestation::snp_table_objects(bytes);
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), path + ": " + error.what());
  }
  return base::parse_x509(bytes, path);
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const bool right_name = std::ranges::find(endings, entry->path().extension().string()) != endings.end();
    if (right_name && entry->is_regular_file()) files.push_back(entry->path().string());
    if (files.size() > most_files)
      throw base::Error(base::Kind::failure, folder + ": more than 4096 files with certificates");
  }
  if (error) throw base::Error(base::Kind::failure, "cannot read " + folder + ": " + error.message());
  std::ranges::sort(files);
  return files;
}

}  // namespace

void append(base::X509Objects& to, const base::X509Objects& from) {
  to.certificates.insert(to.certificates.end(), from.certificates.begin(), from.certificates.end());
  to.revocation_lists.insert(to.revocation_lists.end(), from.revocation_lists.begin(), from.revocation_lists.end());
}

std::vector<std::string> vendor_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (std::string& file : files_below(path)) files.push_back(std::move(file));
  }
  return files;
}

base::X509Objects read_certificate_files(const std::vector<std::string>& paths) {
  base::X509Objects all;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      append(all, read_certificate_file(path));
      continue;
    }
    for (const std::string& file : files_below(path))
      if (!file.ends_with(".json")) append(all, read_certificate_file(file));  // Intel's documents
  }
  return all;
}

}  // namespace cli
