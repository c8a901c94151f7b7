#include "kms/connection_files.h"

#include <filesystem>

#include "base/pkcs11_token.h"
#include "base/posix_files.h"

namespace kms {
namespace {

constexpr std::size_t largest_file = 1U << 20U;

void add(std::vector<NamedFile>& files, const std::string& name, bool secret) {
  if (!name.empty()) files.push_back({name, secret});
}

void add(std::vector<NamedFile>& files, const TlsFiles& tls) {
  add(files, tls.ca, false);
  add(files, tls.certificate, false);
  add(files, tls.private_key, true);
}

struct FilesOf {
  std::vector<NamedFile>& files;
  void operator()(const EmbeddedConnection& /*at*/) const {}
  void operator()(const TokenConnection& at) const { add(files, base::pkcs11_uri_parts(at.uri).pin_file, true); }
  void operator()(const KmipConnection& at) const { add(files, at.tls); }
  void operator()(const OpenBaoConnection& at) const {
    add(files, at.tls);
    add(files, at.file, true);
  }
};

}  // namespace

std::string path_of(const std::string& name, const std::string& folder) {
  return (std::filesystem::path(folder) / name).string();
}

ConnectionFiles files_on_disk(const std::string& folder) {
  return {[folder](const std::string& name) { return base::read_file(path_of(name, folder), largest_file); },
          [folder](const std::string& name) { return base::read_secret_file(path_of(name, folder)); }};
}

std::vector<NamedFile> files_of(const Connection& connection) {
  std::vector<NamedFile> files;
  std::visit(FilesOf{files}, connection.provider);
  return files;
}

}  // namespace kms
