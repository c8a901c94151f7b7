#pragma once
#include "service_fixture.h"

/// Two tenants' services, and exchanges with either that can be bent, for tests of what crosses between them.
namespace fake {

/// One exchange up to the token, step by step, so that each step can be bent.
struct Exchange {
  explicit Exchange(Service& service) : client(service) {}
  std::string challenged() {
    return wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  }
  /// The attestation that `guest` makes for a nonce.
  std::string attestation(Guest& guest, const std::string& nonce) const {
    const wire::RuntimeData runtime{nonce, key.point()};
    const base::Buffer report_data = wire::tpm_report_data(wire::runtime_data_digest(runtime, ""));
    return wire::AttestRequest{guest.init_data(), runtime, guest.evidence(report_data).json(), ""}.text();
  }
  wire::HttpResponse attest(const std::string& text) { return client.post("/kbs/v0/attest", text); }
  /// The token of a guest that attests as it should.
  std::string token_of(Guest& guest) {
    return wire::TokenResponse::parse(attest(attestation(guest, challenged())).body).token;
  }
  DirectClient client;
  base::EcdhKey key;
};

/// Two tenants with the same guests on other addresses; the guests of one run what the other's do not.
struct Site {
  TenantService acme{"acme", "https://10.20.255.1:8443"}, zeta{"zeta", "https://10.21.255.1:8443"};
  Site() {
    for (Guest* guest : {&zeta.worker, &zeta.control}) {
      guest->document = guest->extended = "initdata of zeta " + guest->name();
      guest->events[2].data = "kernel of zeta";
    }
    zeta.approve({zeta.worker.approved(), zeta.control.approved()});
  }
};

inline wire::HttpResponse get_with(Service& service, const std::string& bearer, const std::string& path) {
  const Response answer = service.answer_guest({"GET", path, "", bearer, "", "10.0.0.2"});
  return {answer.status, answer.body};
}

inline constexpr const char* worker_secret = "/kbs/v0/resource/bulkhead/bootstrap/worker-0";

}  // namespace fake
