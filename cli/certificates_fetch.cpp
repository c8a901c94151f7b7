#include "cli/certificates_fetch.h"

#include <map>

#include "base/error.h"
#include "base/json.h"
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

/// What one host's identity says is to be obtained.
std::vector<std::string> urls_in(const std::string& path) {
  const Json identity = Json::parse(base::read_file(path, largest_identity), path);
  const Json* const schema = identity.find("schema");
  if (schema == nullptr || *schema != Json("bulkhead.host-identity/v1"))
    throw Error(Kind::malformed, path + ": wanted what `bulkhead host identity --json` prints");
  std::vector<std::string> urls;
  for (const Json& chip : identity.at("chips").array())
    if (const Json* const vcek = chip.find("vcek")) urls.push_back(vcek->text());
  if (const Json* const list = identity.find("revocationList")) urls.push_back(list->text());
  if (urls.empty()) throw Error(Kind::failure, path + ": says nothing that could be fetched: its product is unknown");
  return urls;
}

/// One connection a server, each address once.
class Fetcher {
 public:
  Fetcher(const OpenServer& open, std::string ca) : open_(open), ca_(std::move(ca)) {}

  std::string fetch(const std::string& url, const std::string& where) {
    const Address address = address_of(url, where);
    auto& server = servers_[{address.host, address.port}];
    if (!server) server = open_({.host = address.host, .port = address.port, .ca = ca_});
    const kms::HttpAnswer answer = server->exchange({.method = "GET", .path = address.path});
    if (answer.status == 429) throw Error(Kind::failure, url + ": the server wants to be asked later (429)");
    if (answer.status != 200)
      throw Error(Kind::failure, url + ": wanted status 200, got " + std::to_string(answer.status));
    return base::text_of(answer.body.view());
  }

 private:
  const OpenServer& open_;
  std::string ca_;
  std::map<std::pair<std::string, std::uint16_t>, std::unique_ptr<kms::HttpTransport>> servers_;
};

}  // namespace

int certificates_fetch(const CertificatesFetchOptions& options, const OpenServer& open, Console& console) {
  Fetcher fetcher(open, base::read_file(options.ca, largest_identity));
  std::map<std::string, std::string> contents;
  for (const std::string& identity : options.identities) {
    for (const std::string& url : urls_in(identity))
      if (!contents.contains(url)) contents[url] = fetcher.fetch(url, identity);
  }
  put_into_store(sorted_for_store(contents), options.store, options.json, console);
  return 0;
}

}  // namespace cli
