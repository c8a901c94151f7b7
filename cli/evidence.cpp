#include "cli/evidence.h"

#include <array>

#include "attestation/guest_name.h"
#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace cli {
namespace {

namespace wire = attestation::wire;
using base::Error;
using base::Kind;

constexpr unsigned request_seconds = 30;

/// The protocol's name of the evidence, by a member that only that kind has.
std::string tee_of(const base::Json& evidence, const std::string& path) {
  using Kinds = std::array<std::pair<const char*, const char*>, 3>;
  for (const auto& [member, tee] : Kinds{{{"tpm_quote", "tpm"}, {"attestation_report", "snp"}, {"quote", "tdx"}}}) {
    if (evidence.find(member) != nullptr) return tee;
  }
  throw Error(Kind::malformed, path + ": primary_evidence: wanted tpm_quote, attestation_report or quote");
}

wire::AttestRequest read_attestation(const std::string& path) {
  const std::string text = base::read_file(path, wire::body_limit);
  try {
    return wire::AttestRequest::parse(text);
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

int refused(const std::string& step, const wire::HttpResponse& answer, Console& console) {
  std::string told = "(no words)";
  try {
    told = wire::ErrorInformation::parse(answer.body).detail;
  } catch (const Error&) {  // not the protocol's error body: the status says all there is
  }
  console.out << "  " << step << ": " << answer.status << " " << coloured(console, told, "33") << "\n";
  return base::exit_code(Kind::not_attested);
}

}  // namespace

int save_evidence(const SaveEvidenceOptions& options, Console& console) {
  if (!attestation::is_guest_name(options.guest)) {
    throw Error(Kind::usage, "guest: wanted control/N or worker/N, got '" + options.guest + "'");
  }
  const auto service = open_service(options.service, options.tenant);
  base::write_file_atomically(options.out, service->evidence(options.guest), 0644);
  console.out << options.out << ": what " << options.tenant << " " << options.guest << " attested with last\n";
  return 0;
}

int present_evidence(const PresentEvidenceOptions& options, Console& console) {
  wire::AttestRequest attestation = read_attestation(options.evidence);
  wire::AuthRequest request;
  request.tee = tee_of(attestation.primary_evidence, options.evidence);
  const auto service = wire::make_https_client(options.url, base::read_file(options.ca, 1U << 16U), request_seconds);
  console.out << options.evidence << " (" << request.tee << ") presented to " << options.url << "\n";
  const wire::HttpResponse challenge = service->post("/kbs/v0/auth", request.text());
  if (challenge.status != 200) return refused("challenge", challenge, console);
  attestation.runtime_data.nonce = wire::Challenge::parse(challenge.body).nonce;
  const wire::HttpResponse answer = service->post("/kbs/v0/attest", attestation.text());
  if (answer.status != 200) return refused("evidence", answer, console);
  console.out << "  evidence: 200 " << coloured(console, "accepted", "31") << ": the service took what was not fresh\n";
  return 0;
}

}  // namespace cli
