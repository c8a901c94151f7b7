#pragma once
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/posix_child.h"
#include "tests/kms/servers/local_server.h"
#include "tests/kms/servers/test_pki.h"

/// PyKMIP's server (Debian: python3-pykmip), which tells its clients apart by their certificates' common names.
namespace kms::pykmip_server {

inline constexpr const char* program = "/usr/bin/pykmip-server";

/// Its server needs a Python that has ssl.wrap_socket (3.11 or older).
inline bool can_run() {
  return std::filesystem::exists(program) &&
         base::run({"/usr/bin/python3", "-c", "import ssl, kmip; ssl.wrap_socket"}).exit_code == 0;
}

/// A running server with certificates for the tenants acme and rival, and for a stranger under another CA.
class Server {
 public:
  Server() {
    folder.make_ca("ca");
    folder.make_ca("other-ca");
    folder.issue("ca", "server", "server", "serverAuth");
    folder.issue("ca", "acme", "acme", "clientAuth");
    folder.issue("ca", "rival", "rival", "clientAuth");
    folder.issue("other-ca", "stranger", "acme", "clientAuth");
    std::filesystem::create_directory(folder.file("policy"));
    base::write_file_atomically(
        folder.file("server.conf"),
        "[server]\nhostname=127.0.0.1\nport=" + std::to_string(port) +
            "\ncertificate_path=" + folder.file("server.pem") + "\nkey_path=" + folder.file("server.key") +
            "\nca_path=" + folder.file("ca.pem") + "\nauth_suite=TLS1.2\npolicy_path=" + folder.file("policy") +
            "\nenable_tls_client_auth=True\nlogging_level=INFO\ndatabase_path=" + folder.file("kmip.sqlite") + "\n",
        0600);
    start();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { kill(); }
  void start() {
    process_.emplace(
        std::vector<std::string>{program, "-f", folder.file("server.conf"), "-l", folder.file("server.log")},
        base::ChildStreams{});
    running = local_server::listens(
        port, [this] { return process_->ended_within(std::chrono::milliseconds(0)).has_value(); });
  }
  /// As a loss of power, for the processes that it made too.
  void kill() {
    if (!process_) return;
    const std::string id = std::to_string(process_->id());
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
    process_.reset();
  }

  test_pki::Folder folder;
  std::uint16_t port = local_server::free_port();
  bool running = false;

 private:
  std::optional<base::Child> process_;
};

}  // namespace kms::pykmip_server
