#include "cli/rotation.h"

#include <algorithm>

#include "base/error.h"
#include "base/utc_time.h"

namespace cli {

using base::Error;
using base::Kind;
using base::X509Certificate;

X509Certificate certificate_in(std::string_view pem, const std::string& name) {
  const std::vector<X509Certificate> found = base::parse_x509(base::bytes_of(pem), name).certificates;
  if (found.empty()) throw Error(Kind::malformed, name + ": wanted a certificate");
  return found.front();
}

TenantCa ca_of_next(const RotateKeyOptions& options) {
  if (options.ca.empty()) throw Error(Kind::usage, options.old + ": is under the tenant's CA: wanted --ca CA.pem");
  return open_tenant_ca(options.ca, options.ca_key);
}

void expect_under(const TenantCa& ca, const std::string& certificate, const RotateKeyOptions& options) {
  const std::int64_t begin = std::max(certificate_in(certificate, options.old).not_before(),
                                      certificate_in(ca.certificate, options.ca).not_before());
  const bool under = !base::certificate_problem(certificate, ca.certificate, begin);
  if (!under && !options.other_ca)
    throw Error(Kind::failure, options.old + ": was made under another CA than " + options.ca +
                                   ", and guests and services pin that. Where the tenant's CA itself was replaced say "
                                   "--other-ca");
  if (under && options.other_ca)
    throw Error(Kind::usage, options.old + ": was made under " + options.ca + ": leave out --other-ca");
}

std::string followed(const std::string& what, const base::PublicKey& old, const base::PublicKey& next) {
  return "  " + what + ": " + old.fingerprint().hex() + "\n    is followed by " + next.fingerprint().hex() + "\n";
}

std::string valid_until(const std::string& certificate, const TenantCa& ca) {
  const std::int64_t own = certificate_in(certificate, "certificate").not_after();
  const std::int64_t end = certificate_in(ca.certificate, "CA").not_after();
  std::string text = "  valid until " + base::utc_text(std::min(own, end));
  if (end < own) text += ", when the tenant's CA ends";
  return text + "\n";
}

}  // namespace cli
