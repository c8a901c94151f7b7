#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/console.h"
#include "kms/http.h"

namespace cli {

struct CertificatesFetchOptions {
  std::vector<std::string> identities;  ///< files of `host identity --json`
  std::string store;
  std::string ca = "/etc/ssl/certs/ca-certificates.crt";  ///< PEM: under whom AMD's and Intel's servers must be
  bool json = false;
};

/// Opens a connection to one server.
using OpenServer = std::function<std::unique_ptr<kms::HttpTransport>(kms::TlsOptions)>;

/// Gets what the identities say is to be obtained of AMD and Intel and puts it into a store, as certificates_import()
/// does. Nothing is written when anything is not answered or refused.
/// @throws base::Error{malformed} for a file that is no identity; Error{failure} when a server is not reached, or
/// naming the address that is not answered with 200; as sorted_for_store()
int certificates_fetch(const CertificatesFetchOptions& options, const OpenServer& open, Console& console);

}  // namespace cli
