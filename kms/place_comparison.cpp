#include "kms/place_comparison.h"

#include "base/certificate.h"
#include "base/pkcs11_token.h"

namespace kms {
namespace {

/// Collects what differs.
class Comparison {
 public:
  void compare(const char* what, const std::string& got, const std::string& wanted) {
    if (got != wanted) found_.push_back(std::string(what) + ": got " + shown(got) + ", wanted " + shown(wanted));
  }
  void compare(const TlsFiles& tls, const ConnectionFiles& files, const Place& place) {
    compare("server", tls.server.host + ":" + std::to_string(tls.server.port), place.server);
    const std::string ca = files.text(tls.ca);
    constexpr std::string_view begin = "-----BEGIN ";
    if (ca.find(begin) != ca.rfind(begin))
      found_.push_back("ca: got several certificates, which would all be believed");
    compare_certificate("ca", ca, place.ca);
    compare_certificate("client certificate", tls.certificate.empty() ? "" : files.text(tls.certificate), place.client);
  }
  std::vector<std::string> found() && { return std::move(found_); }

 private:
  /// @param wanted nullopt: whatever there is
  void compare_certificate(const char* what, const std::string& pem, const std::optional<base::Sha256>& wanted) {
    if (wanted) compare(what, pem.empty() ? "" : base::certificate_fingerprint(pem, what).hex(), wanted->hex());
  }
  static std::string shown(const std::string& text) { return text.empty() ? "none" : text; }
  std::vector<std::string> found_;
};

struct Compare {
  const ConnectionFiles& files;
  const Place& place;
  Comparison& result;
  void operator()(const EmbeddedConnection& /*at*/) const { result.compare("provider", "embedded", place.provider); }
  void operator()(const TokenConnection& at) const {
    result.compare("provider", "pkcs11", place.provider);
    result.compare("token", base::pkcs11_uri_parts(at.uri).token, place.token);
  }
  void operator()(const KmipConnection& at) const {
    result.compare("provider", "kmip", place.provider);
    result.compare(at.tls, files, place);
  }
  void operator()(const OpenBaoConnection& at) const {
    const std::string below = place.mount.empty() ? "" : place.mount + "/";
    result.compare("provider", "openbao", place.provider);
    result.compare(at.tls, files, place);
    result.compare("namespace", at.name_space, place.name_space);
    result.compare("kv", at.mounts.kv, below + "kv");
    result.compare("transit", at.mounts.transit, below + "transit");
  }
};

}  // namespace

std::vector<std::string> differences(const Connection& connection, const ConnectionFiles& files, const Place& place) {
  Comparison result;
  std::visit(Compare{files, place, result}, connection.provider);
  return std::move(result).found();
}

}  // namespace kms
