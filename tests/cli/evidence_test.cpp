#include <sys/stat.h>

#include <thread>

#include "attestation/server.h"
#include "base/certificate.h"
#include "base/posix_files.h"
#include "tests/attestation/service_fixture.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;

class Side final : public attestation::RequestHandler {
 public:
  using Answer = attestation::Response (attestation::Service::*)(const attestation::Request&);
  Side(attestation::Service& service, Answer answer) : service_(service), answer_(answer) {}
  attestation::Response handle(const attestation::Request& request) override { return (service_.*answer_)(request); }

 private:
  attestation::Service& service_;
  Answer answer_;
};

/// A tenant's service behind its sockets, its administrator's at RUN/TENANT/admin.sock.
class Running : public fake::TenantService {
 public:
  Running(const std::string& name, const tests::TemporaryFolder& folder)
      : fake::TenantService(name, "https://127.0.0.1:8443"), ca_file(folder.file(name + "-ca.pem")) {
    const fake::PrivateKey key = fake::PrivateKey::generate(fake::PrivateKey::Type::p256);
    const std::int64_t today = static_cast<std::int64_t>(::time(nullptr));
    const std::string ca = base::make_ca_certificate(ca_key, {name + " CA", {}, {}, today - 60, today + 3600});
    base::write_file_atomically(ca_file, ca, 0644);
    ::mkdir(folder.file(name).c_str(), 0700);
    attestation::ServerOptions options;
    options.address = "127.0.0.1";
    options.tls_key = key.pem();
    options.tls_certificate = base::make_server_certificate(ca_key, ca, key.public_key(),
                                                            {name, {}, {"127.0.0.1"}, today - 60, today + 3600});
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
  Side guests{service, &attestation::Service::answer_guest};
  Side administrator{service, &attestation::Service::answer_admin};
  std::unique_ptr<attestation::Server> server;
  std::thread thread;
};

class EvidenceVerb : public testing::Test {
 protected:
  /// What acme's worker attested with, in a file.
  std::string saved() {
    EXPECT_EQ(acme.outcome(acme.worker).size(), 64U);
    const std::string path = folder.file("worker-0.json");
    const Ran ran = run_command({"evidence", "save", "acme", "worker/0", "--out", path, "--run", folder.path()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, path + ": what acme worker/0 attested with last\n");
    return path;
  }
  static Ran presented(const std::string& evidence, const Running& to) {
    return run_command({"evidence", "present", evidence, "--url", to.address(), "--ca", to.ca_file});
  }
  /// The entry that the refusal names, as `audit show` prints it from that service's log.
  std::string entry_in(const Running& service, const std::string& told) const {
    const std::string log = folder.file("audit.jsonl");
    base::write_file_atomically(log, service.log, 0600);
    return run_command({"audit", "show", log, "--entry", told.substr(told.find("entry ") + 6, 8)}).out;
  }

  tests::TemporaryFolder folder;
  Running acme{"acme", folder};
  Running globex{"globex", folder};
};

TEST_F(EvidenceVerb, OfAGuestOfOneTenantIsRefusedByAnothersService) {
  const Ran ran = presented(saved(), globex);
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, testing::ContainsRegex("evidence: 401 refused; entry [0-9a-f]{8} of the service's audit log"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("enrolled"))) << "the client learns no reason";
  EXPECT_THAT(
      entry_in(globex, ran.out),
      testing::ContainsRegex("refused .*guest=worker/0 .*source=127.0.0.1\n  attestation key not enrolled: SHA"));
}

TEST_F(EvidenceVerb, IsNotFreshForItsOwnServiceEitherAndSpoilsNothing) {
  const Ran ran = presented(saved(), acme);
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(entry_in(acme, ran.out), HasSubstr("  sha256 quote: qualifying data: wanted "));
  EXPECT_TRUE(acme.state_of("worker/0").verdict->attested);
}

TEST_F(EvidenceVerb, IsReadByVerify) {
  const Ran ran = run_command({"verify", "tpm", saved()});
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("signature valid, origin unknown"));
}

TEST_F(EvidenceVerb, NamesAGuestThatNeverAttested) {
  const Ran ran =
      run_command({"evidence", "save", "acme", "control/0", "--out", folder.file("none"), "--run", folder.path()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("control/0: no attestation was accepted yet"));
}

TEST_F(EvidenceVerb, ThatIsNoneIsMalformed) {
  const std::string path = folder.file("evidence.json");
  base::write_file_atomically(path, std::string_view("{}"), 0600);
  const Ran ran = presented(path, globex);
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("evidence.json: "));
  EXPECT_EQ(run_command({"evidence", "save", "acme", "worker", "--out", path}).code, 64);
}

TEST_F(EvidenceVerb, AuditShowSaysThatThereIsNoSuchEntry) {
  const std::string log = folder.file("audit.jsonl");
  base::write_file_atomically(log, acme.log, 0600);
  EXPECT_EQ(run_command({"audit", "show", log, "--entry", "00000000"}).code, 1);
  EXPECT_THAT(run_command({"audit", "show", log}).out, HasSubstr(" approval loaded intentDigest="));
}

}  // namespace
}  // namespace cli
