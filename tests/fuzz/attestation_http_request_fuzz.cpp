// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/http_request.h"
#include "attestation/service.h"
#include "attestation/wire/kbs_messages.h"
#include "tests/fakes/fake_key_provider.h"

namespace {

/// A guest's side of a service that nobody has set up.
attestation::Service& service() {
  static const auto store = attestation::open_sqlite_store(":memory:");
  static attestation::AuditLog audit({}, [](const std::string&) {});
  static fakes::KeyProvider provider;
  static kms::KeyStore keys({"acme"}, std::make_unique<fakes::FakeKeyRecords>(provider),
                            std::make_unique<fakes::FakeKeyMaterial>(provider));
  static std::int64_t now = 0;
  static attestation::Service made(
      {"acme",
       {},
       {base::PrivateKey::generate(base::PrivateKey::Type::p256), "https://10.0.0.1:8443", ""},
       base::random_secret(32),
       base::random_secret(32),
       *store,
       keys,
       audit,
       [] { return now += 1'000; },
       [](const std::string&) {},
       std::nullopt});
  return made;
}

}  // namespace

/// The input as the bytes of a guest's connection: what is read of it keeps the limits, and is answered.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = attestation::read_request({reinterpret_cast<const char*>(data), size});
  if (!request) return 0;
  const bool kept = request->path.find('?') == std::string::npos && request->path.size() < attestation::header_limit &&
                    request->body.size() <= attestation::wire::body_limit && request->peer.empty();
  if (!kept || request->session.find_first_of("\r\n") != std::string::npos) __builtin_trap();
  const attestation::Response response = service().answer_guest(*request);
  if (response.status < 200 || response.status > 499) __builtin_trap();
  if (request->bearer.empty() && request->path.starts_with("/kbs/v0/resource/") && response.status == 200) {
    __builtin_trap();
  }
  return 0;
}
