// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/service.h"
#include "tests/fakes/fake_key_provider.h"

/// Requests of an administrator and of guests: the first byte chooses method and path, the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  static const auto store = attestation::open_sqlite_store(":memory:");
  static attestation::AuditLog audit({}, [](const std::string&) {});
  static const auto key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  static fakes::KeyProvider provider;
  static kms::KeyStore keys({"acme"}, std::make_unique<fakes::FakeKeyRecords>(provider),
                            std::make_unique<fakes::FakeKeyMaterial>(provider));
  static std::int64_t now = 0;
  static attestation::Service service({"acme",
                                       {key.public_key()},
                                       {key, "https://10.0.0.1:8443", ""},
                                       base::random_secret(32),
                                       base::random_secret(32),
                                       *store,
                                       keys,
                                       audit,
                                       [] { return now; },
                                       [](const std::string&) {},
                                       std::nullopt});
  now += 1'000'000;
  attestation::Response response;
  switch (data[0] % 13) {
    case 0:
      response = service.answer_admin({"PUT", "/v1/approval", "", "", body, ""});
      break;
    case 1:
      response = service.answer_admin({"PUT", "/v1/guests/worker-0/key", "", "", body, ""});
      break;
    case 2:
      response = service.answer_admin({"GET", body, "", "", "", ""});
      break;
    case 3:
      response = service.answer_admin({"DELETE", body, "", "", "", ""});
      break;
    case 4:
      response = service.answer_guest({"GET", body, "", body, "", ""});
      break;
    case 5:
      response = service.answer_admin({"PUT", "/v1/revocations", "", "", body, ""});
      break;
    case 6:
      response = service.answer_admin({"DELETE", "/v1/revocations", "", "", body, ""});
      break;
    case 7:
      response = service.answer_guest({"POST", "/kbs/v0/auth", "", "", "{\"version\":\"0.4.0\",\"tee\":\"tdx\"}", ""});
      response = service.answer_guest({"POST", "/kbs/v0/attest", response.session, "", body, ""});
      break;
    case 8:
      response = service.answer_guest({"POST", "/kbs/v0/auth", "", "", "{\"version\":\"0.4.0\",\"tee\":\"snp\"}", ""});
      response = service.answer_guest({"POST", "/kbs/v0/attest", response.session, "", body, ""});
      break;
    case 9:
      response = service.answer_admin({"PUT", "/v1/token-key", "", "", body, ""});
      break;
    case 10:
      response = service.answer_admin({"POST", "/v1/backup", "", "", body, ""});
      break;
    case 11:
      response = service.answer_admin({"PUT", "/v1/rotations", "", "", body, ""});
      break;
    default:
      response = service.answer_guest({"POST", "/kbs/v0/auth", "", "", "{\"version\":\"0.4.0\",\"tee\":\"tpm\"}", ""});
      response = service.answer_guest({"POST", "/kbs/v0/attest", response.session, "", body, ""});
  }
  if (response.status < 200 || response.status > 499) __builtin_trap();
  return 0;
}
