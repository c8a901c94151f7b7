#pragma once
#include <ctime>
#include <filesystem>
#include <map>

#include "attestation/wire/volume_keys.h"
#include "base/posix_files.h"
#include "tests/attestation/attestd_process.h"
#include "tests/attestation/service_fixture.h"
#include "tests/temporary_folder.h"

namespace fake {

inline constexpr const char* worker_secret = "resource/bulkhead/bootstrap/worker-0";

inline std::int64_t today() {
  return static_cast<std::int64_t>(::time(nullptr));
}

/// bulkhead-attestd on a loopback address of this process, with its keys in a state directory.
class Daemon : public testing::Test {
 protected:
  Daemon() {
    const std::string ca_text =
        base::make_ca_certificate(base::KeySigner(ca_key), {"acme CA", {}, {}, today() - 60, today() + 3600});
    const PrivateKey tls = PrivateKey::generate(PrivateKey::Type::p256);
    bundle = base::Json::Object{
        {"schema", "bulkhead.service-bundle/v1"},
        {"tenant", "acme"},
        {"tlsKey", text(tls.pem())},
        {"tlsCertificate",
         base::make_server_certificate(base::KeySigner(ca_key), ca_text, tls.public_key(),
                                       {"acme", {}, {program.address()}, today() - 60, today() + 3600})},
        {"tokenKey", text(PrivateKey::generate(PrivateKey::Type::p256).pem())},
        {"storageKey", base::base64(base::random_secret(32).view())}};
    config = base::Json::Object{{"approvalKeys", base::Json::Array{owner.public_key().pem()}}, {"ca", ca_text}};
    write_files();
    ca = ca_text;
  }

  void write_files() const {
    base::write_file_atomically(file("bundle.json"), bundle.compact(), 0600);
    base::write_file_atomically(file("config.json"), config.compact(), 0600);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }
  static std::string text(const base::Secret& secret) { return base::text_of(secret.view()); }
  void start() { program.start(folder.path()); }
  void approve_and_enrol() {
    ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    base::Envelope envelope = approval_envelope({"acme", "emulated", {}, std::nullopt, {std::move(approved)}});
    base::sign_envelope(envelope, base::KeySigner(owner));
    program.admin->put_approval(envelope.json().compact());
    program.admin->enrol("worker/0", worker.public_key());
  }
  [[nodiscard]] std::unique_ptr<wire::HttpClient> client() const { return program.client(ca); }
  std::string secret() { return base::hex(wire::fetch_resource(*client(), worker, worker_secret).view()); }
  /// What the guest is sent for its volume.
  std::string volume() {
    const auto keys = wire::parse_volume_keys(
        wire::fetch_resource(*client(), worker, "resource/bulkhead/volume/worker-0-data").view());
    return (keys.may_format ? "may format " : "opens ") + base::hex(keys.versions.at(0).view());
  }
  /// The key store's files by name: the database, and its write-ahead log where a killed service left one.
  using StoreFiles = std::map<std::string, std::string>;
  [[nodiscard]] StoreFiles store() const {
    StoreFiles files;
    for (const std::string name : {"keys.sqlite", "keys.sqlite-wal"}) {
      if (auto content = base::read_file_if_any(file(name))) files[name] = *std::move(content);
    }
    return files;
  }
  void put_back(const StoreFiles& files) const {
    for (const std::string name : {"keys.sqlite", "keys.sqlite-wal"}) std::filesystem::remove(file(name));
    for (const auto& [name, content] : files) base::write_file_atomically(file(name), content, 0600);
  }
  [[nodiscard]] std::string log() const { return base::read_file(file("audit.jsonl")); }

  /// How the program ends, when it does within a minute.
  std::optional<int> ends() { return program.launch(folder.path()).ended_within(std::chrono::seconds(60)); }

  tests::TemporaryFolder folder;
  base::Json bundle, config;
  AttestdProcess program{folder.file("admin.sock"), folder.file("lock")};
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  PrivateKey owner = PrivateKey::generate(PrivateKey::Type::ed25519);
  std::string ca;
  Guest worker{"worker/0"};
};

}  // namespace fake
