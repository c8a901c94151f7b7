#include "attestation/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "attestation/admin_client.h"
#include "base/certificate.h"
#include "service_fixture.h"
#include "tests/temporary_folder.h"

namespace {

using namespace fake;
using testing::HasSubstr;

class GuestSide final : public RequestHandler {
 public:
  explicit GuestSide(Service& service) : service_(service) {}
  Answer handle(const Request& request) override { return service_.begin_guest(request); }
  void dropped(const std::string& source, const std::string& why) override { service_.note_dropped(source, why); }

 private:
  Service& service_;
};
class AdminSide final : public RequestHandler {
 public:
  explicit AdminSide(Service& service) : service_(service) {}
  Answer handle(const Request& request) override { return service_.begin_admin(request); }
  void dropped(const std::string&, const std::string& why) override { told.push_back(why); }
  std::vector<std::string> told;  ///< to be read when the server has stopped

 private:
  Service& service_;
};

/// The same service behind its sockets.
class ServerTest : public ServiceTest {
 protected:
  ServerTest() {
    const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
    const std::int64_t today = static_cast<std::int64_t>(time(nullptr));
    ca = base::make_ca_certificate(base::KeySigner(ca_key), {"acme CA", {}, {}, today - 60, today + 3600});
    options.address = "127.0.0.1";
    options.tls_key = key.pem();
    options.tls_certificate = base::make_server_certificate(base::KeySigner(ca_key), ca, key.public_key(),
                                                            {"acme", {}, {"127.0.0.1"}, today - 60, today + 3600});
    options.admin_socket = folder.file("admin.sock");
  }
  ~ServerTest() override {
    if (server) server->stop();
    if (thread.joinable()) thread.join();
  }
  void start() {
    server = make_server(std::move(options), guests, administrator);
    thread = std::thread([this] { server->run(); });
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(server->port()); }

  tests::TemporaryFolder folder;
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string ca;
  ServerOptions options;
  GuestSide guests{service};
  AdminSide administrator{service};
  std::unique_ptr<Server> server;
  std::thread thread;
};

TEST_F(ServerTest, ServesAGuestOverTlsAndItsAdministratorOverTheSocket) {
  start();
  const auto client = wire::make_https_client(url(), ca, 10);
  EXPECT_EQ(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0").size(), 32U);
  const auto admin = make_admin_client(folder.file("admin.sock"));
  const ServiceState seen = admin->state();
  EXPECT_EQ(seen.tenant, "acme");
  ASSERT_EQ(seen.guests.size(), 2U);
  EXPECT_EQ(seen.guests[1].ak_sha256, base::sha256(worker.public_key()).hex());
  EXPECT_TRUE(seen.guests[1].verdict->attested);
  admin->revoke("worker/0");
  EXPECT_THROW(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0"), base::Error);
  admin->enrol("worker/0", worker.public_key());
  EXPECT_EQ(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0").size(), 32U);
  EXPECT_THROW(admin->enrol("worker/1", worker.public_key()), base::Error);
}

TEST_F(ServerTest, AnswersOthersWhileAGuestWaitsForItsKey) {
  std::promise<void> asked, released;
  key_provider.before_each = [&, first = true, go_on = released.get_future().share()]() mutable {
    if (std::exchange(first, false)) asked.set_value();
    go_on.wait();
  };
  start();
  std::size_t size = 0;
  std::thread waiting([&] {
    const auto client = wire::make_https_client(url(), ca, 60);
    size = wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0").size();
  });
  asked.get_future().wait();
  const auto other = wire::make_https_client(url(), ca, 60);
  EXPECT_TRUE(wire::AttestedSession(*other, control).next_attestation().has_value());
  EXPECT_EQ(make_admin_client(folder.file("admin.sock"))->state().tenant, "acme");
  EXPECT_EQ(size, 0U);
  released.set_value();
  waiting.join();
  EXPECT_EQ(size, 32U);
}

TEST_F(ServerTest, IsRefusedByAClientThatPinsAnotherCa) {
  start();
  const std::int64_t today = static_cast<std::int64_t>(time(nullptr));
  const std::string foreign = base::make_ca_certificate(base::KeySigner(PrivateKey::generate(PrivateKey::Type::p256)),
                                                        {"zeta CA", {}, {}, today - 60, today + 3600});
  const auto client = wire::make_https_client(url(), foreign, 10);
  try {
    client->get("/kbs/v0/auth");
    ADD_FAILURE() << "a foreign CA was accepted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::host);
    EXPECT_THAT(error.what(), HasSubstr("certificate verify failed"));
  }
}

/// Bytes on a bare socket, for what no well-behaved client sends.
class BareConnection {
 public:
  explicit BareConnection(unsigned short port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect_to(where);
  }
  explicit BareConnection(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    connect_to(where);
  }
  BareConnection(const BareConnection&) = delete;
  BareConnection& operator=(const BareConnection&) = delete;
  ~BareConnection() { ::close(socket_); }

  void send(const std::string& bytes) const {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Whether the other side closes without a byte of an answer; waits for it up to half a minute.
  [[nodiscard]] bool is_closed_unanswered() const {
    const timeval patience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char byte = 0;
    const ssize_t count = ::recv(socket_, &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
  }

 private:
  template <typename Address>
  void connect_to(const Address& where) {
    socket_ = ::socket(reinterpret_cast<const sockaddr&>(where).sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  }
  int socket_ = -1;
};

TEST_F(ServerTest, ClosesAConnectionThatSaysNothing) {
  options.request_seconds = 1;
  start();
  EXPECT_TRUE(BareConnection(server->port()).is_closed_unanswered());
}

TEST_F(ServerTest, ClosesConnectionsWhoseRequestIsTooLargeOrNeverEnds) {
  options.request_seconds = 1;
  start();
  const std::string request = "PUT /v1/approval HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& bytes :
       {request, request + "Content-Length: 100\r\n\r\nabc", request + "Content-Length: 2097153\r\n\r\n",
        request + "Long: " + std::string(16U << 10U, 'x'), std::string("no HTTP\r\n\r\n")}) {
    const BareConnection connection(folder.file("admin.sock"));
    connection.send(bytes);
    EXPECT_TRUE(connection.is_closed_unanswered()) << bytes.substr(0, 80);
  }
  EXPECT_EQ(make_admin_client(folder.file("admin.sock"))->state().tenant, "acme");
  server->stop();
  thread.join();
  EXPECT_THAT(administrator.told,
              testing::ElementsAre(HasSubstr("timeout"), HasSubstr("timeout"), HasSubstr("body limit"),
                                   HasSubstr("header limit"), testing::StartsWith("bad ")));
}

TEST_F(ServerTest, ClosesARequestWhoseBodyWouldTakeMoreThanAllRequestsMay) {
  options.most_body_bytes = 100;
  start();
  const std::string request = "PUT /v1/revocations HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& bytes :
       {request + "Content-Length: 101\r\n\r\n", request + "Transfer-Encoding: chunked\r\n\r\n"}) {
    const BareConnection connection(folder.file("admin.sock"));
    connection.send(bytes);
    EXPECT_TRUE(connection.is_closed_unanswered()) << bytes;
  }
  const BareConnection first(folder.file("admin.sock"));
  first.send(request + "Content-Length: 60\r\n\r\n");
  EXPECT_EQ(make_admin_client(folder.file("admin.sock"))->state().tenant, "acme") << "requests without a body go on";
  const BareConnection second(folder.file("admin.sock"));
  second.send(request + "Content-Length: 60\r\n\r\n");
  EXPECT_TRUE(second.is_closed_unanswered());
}

class ServerLimitTest : public ServerTest, public testing::WithParamInterface<unsigned ServerOptions::*> {};

TEST_P(ServerLimitTest, ServesNoMoreConnectionsThanItMayHold) {
  options.*GetParam() = 1;
  start();
  const auto first = wire::make_https_client(url(), ca, 10);
  EXPECT_EQ(first->get("/elsewhere").status, 404U);
  EXPECT_TRUE(BareConnection(server->port()).is_closed_unanswered());
  EXPECT_EQ(first->get("/elsewhere").status, 404U) << "the connection that was there is served on";
}
INSTANTIATE_TEST_SUITE_P(InAllAndOfOneSource, ServerLimitTest,
                         testing::Values(&ServerOptions::most_connections, &ServerOptions::most_per_source));

}  // namespace
