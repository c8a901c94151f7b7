#include "attestation/wire/jwe.h"
#include "attestation/wire/jwk.h"
#include "two_services.h"

// What belongs to one tenant, pool or guest, presented where it does not belong. Every cell is denied, the reason is in
// the audit log of the service that denied it, and the client learns no more than which entry that is.

namespace {

using namespace fake;
using testing::HasSubstr;

wire::HttpResponse told_with(Service& service, const std::string& bearer, const std::string& path,
                             const std::string& body) {
  const Response answer = service.answer_guest({"POST", path, "", bearer, body, "10.0.0.2"});
  return {answer.status, answer.body};
}
/// A request at the guests' address by who has this name in a certificate of the tenant's CA.
wire::HttpResponse administered(Service& service, const std::string& method, const std::string& path,
                                const std::string& peer) {
  const Response answer = service.answer_guest({method, path, "", "", "{}", "10.0.0.2", peer});
  return {answer.status, answer.body};
}

constexpr const char* control_secret = "/kbs/v0/resource/bulkhead/bootstrap/control-0";

base::Json part_of(const std::string& token, unsigned number) {
  std::size_t start = 0;
  for (unsigned i = 0; i < number; ++i) start = token.find('.', start) + 1;
  const std::string text = token.substr(start, token.find('.', start) - start);
  return base::Json::parse(base::text_of(*base::from_base64url(text)), "token part");
}

std::string part_text(const base::Json& json) {
  return base::base64url(base::bytes_of(json.compact()));
}

struct Cell {
  const char* what;
  /// Presents something of `acme`, or of another of zeta's guests, to zeta's service.
  wire::HttpResponse (*presented)(Site& site);
  const char* reason;  ///< in zeta's audit log
  unsigned status = 401;
};

wire::HttpResponse attested_at_zeta(Site& site, Guest& guest) {
  Exchange exchange(site.zeta.service);
  return exchange.attest(exchange.attestation(guest, exchange.challenged()));
}

/// A token of zeta's worker, changed.
wire::HttpResponse with_changed_token(Site& site, std::string (*changed)(Site&, const std::string&)) {
  const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
  return get_with(site.zeta.service, changed(site, token), worker_secret);
}

const Cell cells[] = {
    {"evidence of another tenant's guest", [](Site& site) { return attested_at_zeta(site, site.acme.worker); },
     "attestation key not enrolled"},
    {"evidence that claims this tenant's guest's key",
     [](Site& site) {
       site.acme.worker.claimed_key = site.zeta.worker.public_key();
       return attested_at_zeta(site, site.acme.worker);
     },
     "signature does not verify"},
    {"evidence made for another tenant's challenge",
     [](Site& site) {
       Exchange at_acme(site.acme.service);
       Exchange at_zeta(site.zeta.service);
       at_zeta.challenged();
       return at_zeta.attest(at_zeta.attestation(site.zeta.worker, at_acme.challenged()));
     },
     "nonce unknown or used"},
    {"another tenant's session",
     [](Site& site) {
       Exchange exchange(site.acme.service);
       const std::string attestation = exchange.attestation(site.zeta.worker, exchange.challenged());
       const Response answer = site.zeta.service.answer_guest(
           {"POST", "/kbs/v0/attest", exchange.client.session, "", attestation, "10.0.0.2"});
       return wire::HttpResponse{answer.status, answer.body};
     },
     "session unknown or expired"},
    {"another tenant's attested session",
     [](Site& site) {
       Exchange exchange(site.acme.service);
       exchange.token_of(site.acme.worker);
       const Response answer =
           site.zeta.service.answer_guest({"GET", worker_secret, exchange.client.session, "", "", "10.0.0.2"});
       return wire::HttpResponse{answer.status, answer.body};
     },
     "no valid attestation token"},
    {"another tenant's token",
     [](Site& site) {
       return get_with(site.zeta.service, Exchange(site.acme.service).token_of(site.acme.worker), worker_secret);
     },
     "no valid attestation token"},
    {"this tenant's claims signed by another tenant's service",
     [](Site& site) {
       return with_changed_token(site, [](Site& s, const std::string& token) {
         const std::string message = token.substr(0, token.rfind('.'));
         return message + "." + base::base64url(s.acme.token_key.sign_es256(base::bytes_of(message)));
       });
     },
     "no valid attestation token"},
    {"a token whose header brings its own key",
     [](Site& site) {
       return with_changed_token(site, [](Site& s, const std::string& token) {
         base::Json header = part_of(token, 0);
         header["jwk"] = wire::signing_key_json(s.acme.token_key.public_key().p256_point(), "");
         const std::string message = part_text(header) + "." + part_text(part_of(token, 1));
         return message + "." + base::base64url(s.acme.token_key.sign_es256(base::bytes_of(message)));
       });
     },
     "no valid attestation token"},
    {"a token with the algorithm none",
     [](Site& site) {
       return with_changed_token(site, [](Site&, const std::string& token) {
         base::Json header = part_of(token, 0);
         header["alg"] = "none";
         return part_text(header) + "." + part_text(part_of(token, 1)) + ".";
       });
     },
     "no valid attestation token"},
    {"a token with another guest in it",
     [](Site& site) {
       return with_changed_token(site, [](Site&, const std::string& token) {
         base::Json payload = part_of(token, 1);
         payload["sub"] = "zeta/control/0";
         return part_text(part_of(token, 0)) + "." + part_text(payload) + token.substr(token.rfind('.'));
       });
     },
     "no valid attestation token"},
    {"an image that only another tenant approved",
     [](Site& site) {
       site.zeta.worker.events = site.acme.worker.events;
       return attested_at_zeta(site, site.zeta.worker);
     },
     "sha256 PCR 4: wanted"},
    {"another tenant's initdata",
     [](Site& site) {
       site.zeta.worker.document = site.zeta.worker.extended = site.acme.worker.document;
       return attested_at_zeta(site, site.zeta.worker);
     },
     "initdata: wanted SHA-256"},
    {"a worker's evidence in control's name",
     [](Site& site) {
       site.zeta.worker.claimed = "control/0";
       return attested_at_zeta(site, site.zeta.worker);
     },
     "attestation key enrolled for another guest"},
    {"control's initdata on a worker",
     [](Site& site) {
       site.zeta.worker.document = site.zeta.worker.extended = site.zeta.control.document;
       return attested_at_zeta(site, site.zeta.worker);
     },
     "initdata: wanted SHA-256"},
    {"a worker's token for control's secret",
     [](Site& site) {
       return get_with(site.zeta.service, Exchange(site.zeta.service).token_of(site.zeta.worker), control_secret);
     },
     "the bootstrap secret of control/0 is not for worker/0"},
    {"a worker's token for control's certificate",
     [](Site& site) {
       return get_with(site.zeta.service, Exchange(site.zeta.service).token_of(site.zeta.worker),
                       "/kbs/v0/resource/bulkhead/certificate/control-0");
     },
     "the certificate of control/0 is not for worker/0"},
    {"a worker's token for the next worker's secret",
     [](Site& site) {
       return get_with(site.zeta.service, Exchange(site.zeta.service).token_of(site.zeta.worker),
                       "/kbs/v0/resource/bulkhead/bootstrap/worker-1");
     },
     "the bootstrap secret of worker/1 is not for worker/0"},
    {"the same attestation again",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const std::string attestation = exchange.attestation(site.zeta.worker, exchange.challenged());
       exchange.attest(attestation);
       return exchange.attest(attestation);
     },
     "nonce unknown or used"},
    {"another attestation on an attested session",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const std::string nonce = exchange.challenged();
       exchange.attest(exchange.attestation(site.zeta.worker, nonce));
       return exchange.attest(exchange.attestation(site.zeta.control, nonce));
     },
     "nonce unknown or used"},
    {"an old attestation in a new session",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const std::string attestation = exchange.attestation(site.zeta.worker, exchange.challenged());
       exchange.challenged();
       return exchange.attest(attestation);
     },
     "nonce unknown or used"},
    {"a token whose time is over",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       site.zeta.now += 300 * 1000;
       return get_with(site.zeta.service, token, worker_secret);
     },
     "no valid attestation token"},
    {"a token of a revoked guest",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       site.zeta.asked("PUT", "/v1/revocations", TenantService::revocation("guest", "worker/0"));
       return get_with(site.zeta.service, token, worker_secret);
     },
     "revoked: guest worker/0"},
    {"a token of a boot that is over",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       ++site.zeta.worker.resets;
       Exchange(site.zeta.service).token_of(site.zeta.worker);
       return get_with(site.zeta.service, token, worker_secret);
     },
     "the token is of boot 1, the lease of boot 2"},
    {"a token from before the approval expired",
     [](Site& site) {
       site.zeta.put(
           "/v1/approval",
           site.zeta.envelope({"zeta", "emulated", {}, site.zeta.now / 1000 + 1, {site.zeta.worker.approved()}}));
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       site.zeta.now += 2000;
       return get_with(site.zeta.service, token, worker_secret);
     },
     "the approval has expired"},
    {"a token of a guest that the owners approve no more",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       site.zeta.put("/v1/approval",
                     site.zeta.envelope({"zeta", "emulated", {}, std::nullopt, {site.zeta.control.approved()}}));
       return get_with(site.zeta.service, token, worker_secret);
     },
     "the approval does not name worker/0"},
    {"a guest whose approval has expired",
     [](Site& site) {
       site.zeta.put(
           "/v1/approval",
           site.zeta.envelope({"zeta", "emulated", {}, site.zeta.now / 1000 + 1, {site.zeta.worker.approved()}}));
       site.zeta.now += 2000;
       return attested_at_zeta(site, site.zeta.worker);
     },
     "the approval has expired"},
    {"emulated evidence where the owners approved hardware",
     [](Site& site) {
       site.zeta.put("/v1/approval",
                     site.zeta.envelope({"zeta", "snp", {}, std::nullopt, {site.zeta.worker.approved()}}));
       return attested_at_zeta(site, site.zeta.worker);
     },
     "the approval is for tee snp, the evidence is emulated"},
    {"evidence of a kind that any program can make",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       return exchange.client.post("/kbs/v0/auth", R"({"version":"0.4.0","tee":"sample","extra-params":""})");
     },
     "tee: wanted"},
    {"evidence of a device beside the guest's own",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const wire::RuntimeData runtime{exchange.challenged(), exchange.key.point()};
       const std::string device = R"({"nvidia":{}})";
       const base::Buffer report_data = wire::tpm_report_data(wire::runtime_data_digest(runtime, device));
       return exchange.attest(wire::AttestRequest{site.zeta.worker.init_data(), runtime,
                                                  site.zeta.worker.evidence(report_data).json(), device}
                                  .text());
     },
     "additional evidence: none is wanted"},
    {"a challenge of this service's other guest",
     [](Site& site) {
       Exchange others(site.zeta.service);
       Exchange exchange(site.zeta.service);
       const std::string nonce = others.challenged();
       exchange.challenged();
       return exchange.attest(exchange.attestation(site.zeta.worker, nonce));
     },
     "nonce unknown or used"},
    {"a quote that another guest relays with a key of its own",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const std::string nonce = exchange.challenged();
       auto relayed = wire::AttestRequest::parse(exchange.attestation(site.zeta.worker, nonce));
       relayed.runtime_data.tee_public_key = base::EcdhKey().point();
       return exchange.attest(relayed.text());
     },
     "qualifying data: wanted"},
    {"a key that is no point of the curve",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       auto bent = wire::AttestRequest::parse(exchange.attestation(site.zeta.worker, exchange.challenged()));
       bent.runtime_data.tee_public_key = base::EcdhKey::Point{};
       return exchange.attest(bent.text());
     },
     "guest key"},
    {"a worker's token for control's volume",
     [](Site& site) {
       return get_with(site.zeta.service, Exchange(site.zeta.service).token_of(site.zeta.worker),
                       "/kbs/v0/resource/bulkhead/volume/control-0-data");
     },
     "control/0/data"},
    {"a worker's word about control's volume",
     [](Site& site) {
       return told_with(site.zeta.service, Exchange(site.zeta.service).token_of(site.zeta.worker),
                        "/bulkhead/v1/volume/control-0-data/formatted", "{}");
     },
     "control/0/data"},
    {"another tenant's word about this tenant's volume",
     [](Site& site) {
       return told_with(site.zeta.service, Exchange(site.acme.service).token_of(site.acme.worker),
                        "/bulkhead/v1/volume/worker-0-data/rotated", R"({"version":2})");
     },
     "no valid attestation token"},
    {"a token of a guest whose image was revoked",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       const std::string kernel = base::sha256(base::bytes_of("kernel of zeta")).hex();
       EXPECT_EQ(site.zeta.asked("PUT", "/v1/revocations", TenantService::revocation("image", kernel)).status, 200U);
       return get_with(site.zeta.service, token, worker_secret);
     },
     "revoked: image"},
    {"a token from before an owner's key was revoked",
     [](Site& site) {
       const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
       const std::string owner = site.zeta.owner.public_key().fingerprint().hex();
       EXPECT_EQ(site.zeta.asked("PUT", "/v1/revocations", TenantService::revocation("ownerKey", owner)).status, 200U);
       return get_with(site.zeta.service, token, worker_secret);
     },
     "is revoked"},
    {"another tenant's owner's certificate",
     [](Site& site) { return administered(site.zeta.service, "GET", "/v1/state", "spiffe://acme/owner/alice"); },
     "administration by spiffe://acme/owner/alice", 404},
    {"a guest's certificate of this tenant, for administration",
     [](Site& site) { return administered(site.zeta.service, "PUT", "/v1/approval", "spiffe://zeta/control/0"); },
     "administration by spiffe://zeta/control/0", 404},
    {"administration without a certificate",
     [](Site& site) { return administered(site.zeta.service, "DELETE", "/v1/keys", ""); },
     "administration by nobody with a certificate", 404},
    {"Trustee's administration, which this service has not",
     [](Site& site) { return administered(site.zeta.service, "POST", "/kbs/v0/reference-value", ""); },
     "no such path: POST", 404},
    {"an attestation that is no JSON",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       exchange.challenged();
       return exchange.attest(std::string("{\"a\xff\0", 5));
     },
     "attestation"},
    {"an attestation that nests without end",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       exchange.challenged();
       return exchange.attest(R"({"init-data":)" + std::string(100'000, '['));
     },
     "attestation"},
    {"an attestation with a member twice",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const std::string text = exchange.attestation(site.zeta.worker, exchange.challenged());
       return exchange.attest(R"({"init-data":null,)" + text.substr(1));
     },
     "init-data"},
    {"evidence that is not of the announced kind",
     [](Site& site) {
       Exchange exchange(site.zeta.service);
       const auto challenge = exchange.client.post("/kbs/v0/auth", R"({"version":"0.4.0","tee":"snp"})");
       return exchange.attest(exchange.attestation(site.zeta.worker, wire::Challenge::parse(challenge.body).nonce));
     },
     "snp evidence: attestation_report: is missing"},
    {"no token at all", [](Site& site) { return get_with(site.zeta.service, "", worker_secret); },
     "no valid attestation token"},
};

class CrossTenantMatrix : public testing::TestWithParam<Cell> {};

TEST_P(CrossTenantMatrix, DeniesTheCellForAReasonThatOnlyTheAuditLogHas) {
  Site site;
  const wire::HttpResponse answer = GetParam().presented(site);
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_THAT(answer.body, testing::ContainsRegex("\"detail\":\"refused; entry [0-9a-f]+ of the service's audit log"));
  EXPECT_THAT(site.zeta.reasons_behind(wire::ErrorInformation::parse(answer.body).detail),
              HasSubstr(GetParam().reason));
  EXPECT_EQ(verify_audit_log(site.zeta.log), std::nullopt);
  EXPECT_EQ(site.zeta.log.find("\"event\":\"released\""), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Cells, CrossTenantMatrix, testing::ValuesIn(cells));

}  // namespace
