// forge-evidence: what a forger with root in a guest can do. Built with the tests, run inside test guests, never
// installed.
//
//   forge-evidence imitate --tpm SOCKET --log OWN --events JSON --initdata FILE --out LOG
//     brings a fresh software TPM into the state that a guest with these predicted events and this initdata has, makes
//     an attestation key in it as `bulkhead apply` does, and writes the event log that goes with it
//   forge-evidence quote --tpm SOCKET|DEVICE --log LOG --guest POOL/INDEX --initdata FILE --nonce TEXT [--claim-key
//   BASE64]
//     prints an attestation for this challenge; --claim-key names another public key than the one that signed
//   forge-evidence send --initdata FILE [--evidence FILE,FILE..]
//     asks the service of that initdata for a challenge, prints it, sends each attestation once its file (a FIFO) is
//     written, then asks for the guest's secret; prints every status
//   forge-evidence audit --log FILE
//     checks the hash chain of a service's audit log
#include <iostream>
#include <map>
#include <sstream>

#include "attestation/audit_log.h"
#include "attestation/wire/http_client.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/initdata.h"
#include "base/posix_files.h"
#include "guest/tpm_evidence_source.h"
#include "measurement/prediction.h"
#include "measurement/tcg_log.h"
#include "provisioner/tss2_attestation_key.h"
#include "tests/e2e/imitated_event_log.h"
#include "tests/e2e/tss2_software_tpm.h"

namespace {

namespace wire = attestation::wire;
using Flags = std::map<std::string, std::string>;

guest::Tpm open_tpm(const std::string& path) {
  return path.starts_with("/dev/") ? guest::Tpm::open_device(path) : forge::open_software_tpm(path);
}

void imitate(const Flags& flags) {
  constexpr std::uint32_t no_action = 3;
  std::vector<measurement::BootEvent> predicted;
  const base::Json events = base::Json::parse(base::read_file(flags.at("--events")), "events");
  for (const base::Json& event : events.array()) predicted.push_back(measurement::parse_event(event));
  const base::Buffer log = forge::imitated_event_log(base::bytes_of(base::read_file(flags.at("--log"))), predicted);
  base::write_file_atomically(flags.at("--out"), log, 0600);
  provisioner::make_attestation_key(flags.at("--tpm"));
  guest::Tpm tpm = open_tpm(flags.at("--tpm"));
  for (const measurement::LogEvent& event : measurement::parse_event_log(log).events) {
    if (event.type != no_action) tpm.extend(event.pcr, event.sha256.value(), event.sha384.value());
  }
  const std::string initdata = base::read_file(flags.at("--initdata"));
  const base::Bytes document = base::bytes_of(initdata);
  tpm.extend(guest::initdata_pcr, base::sha256(document), base::sha384(document));
}

void quote(const Flags& flags) {
  guest::TpmEvidenceSource source(open_tpm(flags.at("--tpm")), "", "");
  source.name_guest(flags.at("--guest"));
  const base::EcdhKey key;
  const wire::RuntimeData runtime_data{flags.at("--nonce"), key.point()};
  wire::TpmEvidence evidence = source.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime_data, "")));
  // bind() reads the log in a guest, but extends PCR 8 as well, which a guest's own initrd has done already.
  evidence.bulkhead->event_log = base::buffer_of(base::bytes_of(base::read_file(flags.at("--log"))));
  if (const auto claimed = flags.find("--claim-key"); claimed != flags.end()) {
    evidence.ak_public = base::from_base64(claimed->second).value();
  }
  const wire::InitData initdata{"toml", base::read_file(flags.at("--initdata"))};
  std::cout << wire::AttestRequest{initdata, runtime_data, evidence.json(), ""}.text() << "\n";
}

/// Posts, once more when the service has meanwhile closed the idle connection.
wire::HttpResponse posted(wire::HttpClient& service, std::string_view path, const std::string& body) {
  try {
    return service.post(path, body);
  } catch (const base::Error&) {
    return service.post(path, body);
  }
}

void send(const Flags& flags) {
  constexpr unsigned request_seconds = 10;
  const base::Initdata initdata = base::parse_initdata(base::read_file(flags.at("--initdata")));
  const base::HttpsUrl& url = initdata.attestation.url;
  const auto service = wire::make_https_client("https://" + url.host + ":" + std::to_string(url.port),
                                               initdata.attestation.ca, request_seconds);
  const wire::HttpResponse challenge = service->post("/kbs/v0/auth", wire::AuthRequest{}.text());
  std::cout << "nonce " << wire::Challenge::parse(challenge.body).nonce << std::endl;
  std::istringstream files(flags.count("--evidence") != 0 ? flags.at("--evidence") : "");
  for (std::string file; std::getline(files, file, ',');) {
    const wire::HttpResponse answer = posted(*service, "/kbs/v0/attest", base::read_file(file));
    std::cout << "attest " << answer.status << " " << (answer.status == 200 ? "" : answer.body) << std::endl;
  }
  const std::string name = std::string(base::name_of(initdata.guest.pool)) + "-" + std::to_string(initdata.guest.index);
  const wire::HttpResponse secret = service->get("/kbs/v0/resource/bulkhead/bootstrap/" + name);
  std::cout << "secret " << secret.status << " " << (secret.status == 200 ? "" : secret.body) << std::endl;
}

void audit(const Flags& flags) {
  if (const auto problem = attestation::verify_audit_log(base::read_file(flags.at("--log")))) {
    throw base::Error(base::Kind::failure, *problem);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(const Flags&)> verbs{
      {"imitate", imitate}, {"quote", quote}, {"send", send}, {"audit", audit}};
  const std::string verb = argc > 1 ? argv[1] : "";
  Flags flags;
  for (int i = 2; i + 1 < argc; i += 2) flags[argv[i]] = argv[i + 1];
  try {
    verbs.at(verb)(flags);
    return 0;
  } catch (const std::exception& problem) {
    std::cout << "failed: " << problem.what() << std::endl;
    return 1;
  }
}
