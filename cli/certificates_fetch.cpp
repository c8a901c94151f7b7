#include "cli/certificates_fetch.h"

#include <map>

#include "base/error.h"
#include "base/json.h"
#include "base/percent_encoding.h"
#include "base/posix_files.h"
#include "cli/certificate_store_folder.h"

namespace cli {
namespace {

using base::Error;
using base::Json;
using base::Kind;

constexpr std::size_t largest_identity = 1U << 20U;
constexpr unsigned https_port = 443;

/// "https://HOST[:PORT]/PATH", taken apart.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
};

Address address_of(const std::string& url, const std::string& where) {
  constexpr std::string_view scheme = "https://";
  const std::size_t slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || slash == std::string::npos)
    throw Error(Kind::malformed, where + ": wanted https://HOST/PATH, got '" + url + "'");
  const std::string server = url.substr(scheme.size(), slash - scheme.size());
  const std::size_t colon = server.find(':');
  unsigned long port = https_port;
  if (colon != std::string::npos) {
    const std::string digits = server.substr(colon + 1);
    const bool number =
        !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
    port = number ? std::stoul(digits) : 0;
  }
  if (server.substr(0, colon).empty() || port < 1 || port > 65535)
    throw Error(Kind::malformed, where + ": wanted https://HOST:PORT/PATH, got '" + url + "'");
  return {server.substr(0, colon), static_cast<std::uint16_t>(port), url.substr(slash)};
}

/// Something that an identity says is to be obtained.
struct Wanted {
  std::string url;
  std::string issuer_chain;  ///< the answer's header with its issuers, or empty
};

std::vector<Wanted> wanted_by(const std::string& path) {
  const Json identity = Json::parse(base::read_file(path, largest_identity), path);
  const Json* const schema = identity.find("schema");
  if (schema == nullptr || *schema != Json("bulkhead.host-identity/v1"))
    throw Error(Kind::malformed, path + ": wanted what `bulkhead host identity --json` prints");
  std::vector<Wanted> wanted;
  if (const Json* const collateral = identity.find("collateral")) {
    for (const Json& one : collateral->array()) {
      const Json* const header = one.find("issuerChainHeader");
      wanted.push_back({one.at("url").text(), header != nullptr ? header->text() : ""});
    }
    return wanted;
  }
  for (const Json& chip : identity.at("chips").array())
    if (const Json* const vcek = chip.find("vcek")) wanted.push_back({vcek->text(), ""});
  if (const Json* const list = identity.find("revocationList")) wanted.push_back({list->text(), ""});
  if (wanted.empty()) throw Error(Kind::failure, path + ": says nothing that could be fetched: its product is unknown");
  return wanted;
}

/// One connection a server, each address once.
class Fetcher {
 public:
  Fetcher(const OpenServer& open, std::string ca) : open_(open), ca_(std::move(ca)) {}

  /// Adds the answer to `contents`, by address, and its issuers, by their header. What is there is not asked for again.
  void fetch(const Wanted& wanted, const std::string& where, std::map<std::string, std::string>& contents) {
    const std::string& url = wanted.url;
    if (contents.contains(url)) return;
    const Address address = address_of(url, where);
    auto& server = servers_[{address.host, address.port}];
    if (!server) server = open_({.host = address.host, .port = address.port, .ca = ca_});
    const kms::HttpAnswer answer = server->exchange(request_for(wanted, address));
    if (answer.status == 429) throw Error(Kind::failure, url + ": the server wants to be asked later (429)");
    if (answer.status != 200)
      throw Error(Kind::failure, url + ": wanted status 200, got " + std::to_string(answer.status));
    contents[url] = base::text_of(answer.body.view());
    if (wanted.issuer_chain.empty()) return;
    const auto issuers = answer.headers.find(wanted.issuer_chain);
    if (issuers == answer.headers.end())
      throw Error(Kind::failure, url + ": no header " + wanted.issuer_chain + ", wanted its issuers there");
    contents[url + ": " + wanted.issuer_chain] = base::percent_decoded(issuers->second);
  }

 private:
  static kms::HttpRequest request_for(const Wanted& wanted, const Address& address) {
    kms::HttpRequest request{.method = "GET", .path = address.path};
    if (!wanted.issuer_chain.empty()) request.wanted_headers.push_back(wanted.issuer_chain);
    return request;
  }

  const OpenServer& open_;
  std::string ca_;
  std::map<std::pair<std::string, std::uint16_t>, std::unique_ptr<kms::HttpTransport>> servers_;
};

}  // namespace

int certificates_fetch(const CertificatesFetchOptions& options, const OpenServer& open, Console& console) {
  Fetcher fetcher(open, base::read_file(options.ca, largest_identity));
  std::map<std::string, std::string> contents;
  for (const std::string& identity : options.identities) {
    for (const Wanted& wanted : wanted_by(identity)) fetcher.fetch(wanted, identity, contents);
  }
  put_into_store(sorted_for_store(contents), options.store, options.json, console);
  return 0;
}

}  // namespace cli
