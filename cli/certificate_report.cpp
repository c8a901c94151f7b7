#include "cli/certificate_report.h"

namespace cli {

bool print_certificate_warnings(const provisioner::CertificateWarnings& warnings, Console& console) {
  if (!warnings.ending.empty())
    console.out << coloured(console, "certificates of services to renew (docs/owner-keys.md):", "33") << "\n"
                << warnings.ending;
  if (!warnings.over.empty())
    console.out << coloured(console, "certificates of services that have ended (docs/owner-keys.md):", "31") << "\n"
                << warnings.over;
  return !warnings.over.empty();
}

}  // namespace cli
