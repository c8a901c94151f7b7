#pragma once
#include <sys/stat.h>

#include <thread>

#include "attestation/server.h"
#include "base/certificate.h"
#include "base/posix_files.h"
#include "tests/attestation/service_fixture.h"
#include "tests/temporary_folder.h"

namespace cli {

class Side final : public attestation::RequestHandler {
 public:
  using Answer = attestation::Answer (attestation::Service::*)(const attestation::Request&);
  Side(attestation::Service& service, Answer answer) : service_(service), answer_(answer) {}
  attestation::Answer handle(const attestation::Request& request) override { return (service_.*answer_)(request); }

 private:
  attestation::Service& service_;
  Answer answer_;
};

/// A tenant's service behind its sockets, its administrator's at RUN/TENANT/admin.sock.
class Running : public fake::TenantService {
 public:
  Running(const std::string& name, const tests::TemporaryFolder& folder, std::optional<kms::Place> passport = {})
      : fake::TenantService(name, "https://127.0.0.1:8443", {}, std::move(passport)),
        ca_file(folder.file(name + "-ca.pem")) {
    const fake::PrivateKey key = fake::PrivateKey::generate(fake::PrivateKey::Type::p256);
    const std::int64_t today = static_cast<std::int64_t>(::time(nullptr));
    const std::string ca =
        base::make_ca_certificate(base::KeySigner(ca_key), {name + " CA", {}, {}, today - 60, today + 3600});
    base::write_file_atomically(ca_file, ca, 0644);
    ::mkdir(folder.file(name).c_str(), 0700);
    attestation::ServerOptions options;
    options.address = "127.0.0.1";
    options.tls_key = key.pem();
    options.tls_certificate = base::make_server_certificate(base::KeySigner(ca_key), ca, key.public_key(),
                                                            {name, {}, {"127.0.0.1"}, today - 60, today + 3600});
    options.client_ca = ca;
    options.admin_socket = folder.file(name) + "/admin.sock";
    server = attestation::make_server(std::move(options), guests, administrator);
    thread = std::thread([this] { server->run(); });
  }
  ~Running() {
    server->stop();
    thread.join();
  }
  [[nodiscard]] std::string address() const { return "https://127.0.0.1:" + std::to_string(server->port()); }

  std::string ca_file;
  Side guests{service, &attestation::Service::begin_guest};
  Side administrator{service, &attestation::Service::begin_admin};
  std::unique_ptr<attestation::Server> server;
  std::thread thread;
};

}  // namespace cli
