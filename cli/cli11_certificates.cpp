#include <CLI/CLI.hpp>
#include <memory>

#include "cli/certificates.h"
#include "cli/certificates_fetch.h"
#include "cli/verbs.h"
#include "kms/kms_module.h"

namespace cli {
namespace {

void add_import(CLI::App& certificates, Action& action) {
  const auto options = std::make_shared<CertificatesImportOptions>();
  CLI::App* const verb = certificates.add_subcommand("import", "put vendors' files into a store");
  verb->add_option("files", options->paths, "files or folders, in the vendors' own formats")->required();
  verb->add_option("--store", options->store, "the store's folder, made when it is not there")->required();
  verb->add_flag("--json", options->json, "print bulkhead.certificate-import/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return certificates_import(*options, console); }; });
}

void add_fetch(CLI::App& certificates, Action& action) {
  const auto options = std::make_shared<CertificatesFetchOptions>();
  CLI::App* const verb =
      certificates.add_subcommand("fetch", "get AMD's certificates and lists for hosts into a store");
  verb->add_option("identities", options->identities, "files of `host identity --json`")->required();
  verb->add_option("--store", options->store, "the store's folder, made when it is not there")->required();
  verb->add_option("--ca", options->ca, "CAs that the servers' certificates may be under, PEM")->capture_default_str();
  verb->add_flag("--json", options->json, "print bulkhead.certificate-import/v1");
  verb->callback([&action, options] {
    action = [options](Console& console) {
      const auto module = kms::load_kms_module();
      return certificates_fetch(
          *options, [&](kms::TlsOptions server) { return module->open_http(std::move(server)); }, console);
    };
  });
}

void add_list(CLI::App& certificates, Action& action) {
  const auto options = std::make_shared<CertificatesListOptions>();
  CLI::App* const verb = certificates.add_subcommand("list", "what a store has, and until when");
  verb->add_option("--store", options->store, "the store's folder")->required();
  verb->add_option("--time", options->time, "for this time: RFC 3339 or seconds since the epoch; default now");
  verb->add_flag("--json", options->json, "print bulkhead.certificate-store/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return certificates_list(*options, console); }; });
}

void add_reload(CLI::App& certificates, Action& action) {
  const auto options = std::make_shared<CertificatesReloadOptions>();
  CLI::App* const verb = certificates.add_subcommand("reload", "have attestation services read their collateral anew");
  verb->add_option("tenants", options->tenants, "the tenants' names")->required();
  verb->add_option("--run", options->run, "root of run-time files")->capture_default_str();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return certificates_reload(*options, console); }; });
}

}  // namespace

void add_certificates(CLI::App& app, Action& action) {
  CLI::App* const verb =
      app.add_subcommand("certificates", "keep the processor vendors' certificates and lists for offline sites");
  verb->require_subcommand(1);
  add_import(*verb, action);
  add_fetch(*verb, action);
  add_list(*verb, action);
  add_reload(*verb, action);
}

}  // namespace cli
