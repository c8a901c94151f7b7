#include <filesystem>

#include "attestation/daemon_files.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "kms/connection_files.h"
#include "kms/open_for_service.h"
#include "kms/sealed_secret.h"

namespace cli {
namespace {

using base::Json;

constexpr std::size_t largest_document = 1U << 20U;

/// Each file that the connection names, with its content. @param folder where relative names begin
Json contents_of(const kms::Connection& connection, const std::string& folder) {
  const kms::ConnectionFiles files = kms::files_on_disk(folder);
  Json contents = Json::Object{};
  for (const kms::NamedFile& file : kms::files_of(connection)) {
    contents[file.name] = file.secret ? base::text_of(files.secret(file.name).view()) : files.text(file.name);
  }
  return contents;
}

}  // namespace

int connect_service(const ConnectServiceOptions& options, Console& console) {
  const base::Secret given = base::read_secret_file(options.bundle);
  kms::expect_not_sealed(given, options.bundle, "connect the bundle itself, and seal what that writes");
  Json bundle = Json::parse(base::text_of(given.view()), options.bundle);
  const std::string tenant = bundle.at("tenant").text();
  const std::string document = base::read_file(options.kms, largest_document);
  const kms::Connection connection = kms::parse_connection(document, options.kms);
  if (const auto unfit = kms::unfit_for_service(connection))
    throw base::Error(base::Kind::failure, options.kms + ": " + *unfit);
  const std::string folder = std::filesystem::path(options.kms).parent_path().string();
  bundle["kms"] =
      Json::Object{{"connection", Json::parse(document, options.kms)}, {"files", contents_of(connection, folder)}};
  const base::Secret made(base::buffer_of(base::bytes_of(bundle.pretty())));
  static_cast<void>(attestation::ServiceBundle::parse(made, tenant));  // as the service will read it
  base::write_new_secret_file(options.out, made);
  console.out << options.out << " (mode 0600): the service bundle of " << tenant
              << " with the way to its KMS\n  whoever runs the service can use the credential in it until the KMS "
                 "revokes it: give it no more rights than the tenant's own keys need\n";
  return 0;
}

}  // namespace cli
