#include "cli/tdx_host_identity.h"

#include "attestation/pcs_request.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/x509.h"
#include "cli/verify_tdx_report.h"
#include "measurement/td_quote.h"

namespace cli {
namespace {

using attestation::PckExtension;
using base::Error;
using base::Json;
using base::Kind;

constexpr std::size_t largest_quote = 1U << 22U;

bool is_certificate(base::Bytes content) {
  constexpr std::uint8_t der_sequence = 0x30;
  return !content.empty() && (content[0] == der_sequence || content[0] == '-');
}

struct Pck {
  const char* source = "";
  base::X509Certificate certificate;
};

measurement::TdQuote quote_in(base::Bytes content, const std::string& path) {
  try {
    return measurement::parse_td_quote(content);
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

Pck pck_in(base::Bytes content, const std::string& path) {
  const auto first = [&](base::Bytes chain) {
    const base::X509Objects objects = base::parse_x509(chain, path);
    if (objects.certificates.empty()) throw Error(Kind::malformed, path + ": no certificate, wanted a PCK certificate");
    return objects.certificates.front();
  };
  if (is_certificate(content)) return {"pckCertificate", first(content)};
  const measurement::TdQuote quote = quote_in(content, path);
  if (quote.certification_type != measurement::pck_chain_certification)
    throw Error(Kind::malformed, path + ": certification data of type " + std::to_string(quote.certification_type) +
                                     ", wanted 5: a quote that brings its PCK certificate");
  return {"quote", first(quote.certification_data)};
}

Json requests_json(const std::vector<attestation::PcsRequest>& requests) {
  Json::Array all;
  for (const auto& [url, issuer_chain] : requests) {
    Json one{Json::Object{{"url", url}}};
    if (!issuer_chain.empty()) one["issuerChainHeader"] = issuer_chain;
    all.push_back(one);
  }
  return all;
}

}  // namespace

Json tdx_host_identity(const std::string& path) {
  const std::string content = base::read_file(path, largest_quote);
  const Pck pck = pck_in(base::bytes_of(content), path);
  const auto extension = pck.certificate.extension(attestation::sgx_extension_oid);
  if (!extension) throw Error(Kind::malformed, path + ": the certificate has no SGX extension, wanted a PCK's");
  const PckExtension platform = attestation::parse_pck_extension(*extension);
  const attestation::PckCa ca = attestation::pck_ca_of(pck.certificate.issuer());
  return Json::Object{{"schema", "bulkhead.host-identity/v1"},
                      {"tee", "tdx"},
                      {"source", pck.source},
                      {"platform", platform_json(platform)},
                      {"collateral", requests_json(attestation::pcs_requests(platform, ca))}};
}

void print_tdx_host_identity(const Json& identity, Console& console) {
  const Json& platform = identity.at("platform");
  console.out << "FMSPC        " << platform.at("fmspc").text() << "\n";
  console.out << "PPID         " << platform.at("ppid").text() << "\n";
  if (const Json* const instance = platform.find("platformInstanceId"))
    console.out << "instance id  " << instance->text() << "\n";
  console.out << "CPU SVN      " << platform.at("cpuSvn").text() << "\n";
  console.out << "PCE          id " << platform.at("pceId").text() << ", SVN " << platform.at("pceSvn").compact()
              << "\n";
  for (const Json& request : identity.at("collateral").array())
    console.out << "collateral   " << request.at("url").text() << "\n";
}

}  // namespace cli
