// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/daemon_files.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "kms/connection_files.h"

namespace {

/// A service bundle whose member `kms` is the input.
base::Secret bundle_with(std::string_view kms) {
  static const std::string head = [] {
    const std::string rest =
        base::Json(
            base::Json::Object{
                {"schema", "bulkhead.service-bundle/v1"},
                {"tenant", "acme"},
                {"tlsKey", "key"},
                {"tlsCertificate", "certificate"},
                {"tokenKey", base::text_of(base::PrivateKey::generate(base::PrivateKey::Type::p256).pem().view())},
                {"storageKey", base::base64(base::Buffer(32, 7))}})
            .compact();
    return rest.substr(0, rest.size() - 1) + ",\"kms\":";
  }();
  return base::Secret(base::buffer_of(base::bytes_of(head + std::string(kms) + "}")));
}

}  // namespace

/// The owner's way to a KMS as the service reads it, and what it asks of it before any server is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto bundle =
        attestation::ServiceBundle::parse(bundle_with({reinterpret_cast<const char*>(data), size}), "acme");
    if (!bundle.kms || bundle.kms->connection.tenant.name != "acme") __builtin_trap();
    static_cast<void>(kms::unfit_for_service(bundle.kms->connection));
    static_cast<void>(kms::files_of(bundle.kms->connection));
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
