#pragma once
#include <filesystem>

#include "attestation/wire/volume_keys.h"
#include "base/posix_files.h"
#include "tests/attestation/attestd_process.h"
#include "tests/attestation/service_fixture.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {

/// A service of acme's with keys that the verbs made; its state is in the folder `first`.
class OwnService : public testing::Test {
 protected:
  OwnService() {
    must({"keys", "backup", "--out", file("backup")});
    must({"keys", "approval", "--out", file("owner")});
    must({"keys", "ca", "--tenant", "acme", "--out", file("ca")});
    std::filesystem::create_directories(file("first"));
    must({"keys", "service", "--tenant", "acme", "--url", program.url(), "--ca", file("ca.pem"), "--out",
          file("first/bundle.json")});
    configure("owner", "ca");
    std::filesystem::create_directories(file("acme"));
  }

  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }
  static Ran must(const std::vector<std::string>& words) {
    Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }
  /// What it starts from beside its bundle, by the names of key files.
  void configure(const std::string& approval_key, const std::string& tenant_ca) const {
    const base::Json config =
        base::Json::Object{{"approvalKeys", base::Json::Array{base::read_file(file(approval_key + ".pub"))}},
                           {"ca", base::read_file(file(tenant_ca + ".pem"))}};
    base::write_file_atomically(file("first/config.json"), config.compact(), 0600);
  }
  void start(const std::string& state) { program.start(file(state)); }
  /// An approval of the worker, signed by the owner whose key this file has.
  [[nodiscard]] std::string approval(const std::string& key) const {
    attestation::ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    base::Envelope envelope =
        attestation::approval_envelope({"acme", "emulated", {}, std::nullopt, {std::move(approved)}});
    base::sign_envelope(envelope,
                        base::KeySigner(base::PrivateKey::from_pem(base::read_file(file(key + ".key")), "key")));
    return envelope.json().compact();
  }
  void approve_and_enrol() {
    program.admin->put_approval(approval("owner"));
    program.admin->enrol("worker/0", worker.public_key());
  }
  [[nodiscard]] std::unique_ptr<attestation::wire::HttpClient> client() const {
    return program.client(base::read_file(file("ca.pem")));
  }
  std::string secret() {
    return base::hex(
        attestation::wire::fetch_resource(*client(), worker, "resource/bulkhead/bootstrap/worker-0").view());
  }
  std::string volume() {
    const auto keys = attestation::wire::parse_volume_keys(
        attestation::wire::fetch_resource(*client(), worker, "resource/bulkhead/volume/worker-0-data").view());
    return (keys.may_format ? "may format " : "opens ") + base::hex(keys.versions.front().view());
  }
  void note_formatted() { attestation::wire::AttestedSession(*client(), worker).note_formatted("worker-0-data"); }
  tests::TemporaryFolder folder;
  /// The socket is where the verbs look for acme's.
  attestation::AttestdProcess program{folder.file("acme/admin.sock"), folder.file("lock")};
  fake::Guest worker{"worker/0"};
};

}  // namespace cli
