// room: base
#include "base/certificate_chain.h"
#include "base/error.h"

/// Whatever a file holds may be a leaf, an issuer and a root at once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const base::X509Objects objects = base::parse_x509({data, size}, "input");
    for (const base::X509RevocationList& list : objects.revocation_lists) {
      (void)list.issuer();
      (void)list.number();
    }
    base::ChainRequest request{.others = objects.certificates, .revocation_lists = objects.revocation_lists};
    for (const base::X509Certificate& leaf : objects.certificates) {
      (void)leaf.extension("1.3.6.1.4.1.3704.1.4");
      (void)leaf.common_name();
      request.time = leaf.not_after();
      request.roots = {objects.certificates.back()};
      (void)base::verify_chain(leaf, request);
    }
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
