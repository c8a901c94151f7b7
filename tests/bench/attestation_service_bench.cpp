// Whole exchanges over TLS with a service of one tenant: challenge, attestation, secret, all clients at once, and what
// the service's process holds afterwards. usage: attestation_service_bench [CLIENTS [ROUNDS]]    default: 1000 3
// Clients and service share the processors. It asserts nothing.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <latch>
#include <mutex>
#include <thread>

#include "attestation/server.h"
#include "attestation/service.h"
#include "base/certificate.h"
#include "base/dsse.h"
#include "base/error.h"
#include "kms/embedded_store.h"
#include "tests/attestation/fake_guest.h"

namespace {

using namespace attestation;
using Clock = std::chrono::steady_clock;
using base::PrivateKey;

constexpr unsigned guests = 128;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Every request comes from an address of its own, as that of a guest does; the limits for one address are not the
/// subject.
class ManySources final : public RequestHandler {
 public:
  explicit ManySources(Service& service) : service_(service) {}
  Answer handle(const Request& request) override {
    Request one = request;
    one.source = std::to_string(next_++ % 2000);
    return service_.begin_guest(one);
  }

 private:
  Service& service_;
  unsigned next_ = 0;
};
class Administrator final : public RequestHandler {
 public:
  explicit Administrator(Service& service) : service_(service) {}
  Answer handle(const Request& request) override { return service_.begin_admin(request); }

 private:
  Service& service_;
};

std::vector<fake::Guest> made_guests() {
  std::vector<fake::Guest> all;
  for (unsigned i = 0; i < guests; ++i) all.emplace_back("worker/" + std::to_string(i), fake::new_key());
  return all;
}

void approve_and_enrol(Service& service, std::vector<fake::Guest>& all, const PrivateKey& owner) {
  Approval approval{"acme", "emulated", {}, std::nullopt, {}};
  for (const fake::Guest& guest : all) approval.guests.push_back(guest.approved());
  base::Envelope envelope = approval_envelope(approval);
  base::sign_envelope(envelope, base::KeySigner(owner));
  service.load_approval(envelope.json().compact());
  for (const fake::Guest& guest : all) {
    const std::string path = "/v1/guests/worker-" + guest.name().substr(7) + "/key";
    const base::Json body = base::Json::Object{{"akPublic", base::base64(guest.public_key())}};
    service.answer_admin({"PUT", path, "", "", body.compact(), "admin"});
  }
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

struct Measured {
  std::mutex mutex;
  std::vector<double> milliseconds;
  std::vector<std::string> errors;
};

void one_exchange(const std::string& url, const std::string& ca, fake::Guest guest, std::latch& start, Measured& all) {
  start.arrive_and_wait();
  const auto begin = Clock::now();
  std::string error;
  try {
    const auto client = wire::make_https_client(url, ca, 120);
    wire::fetch_resource(*client, guest, "resource/bulkhead/bootstrap/worker-" + guest.name().substr(7));
  } catch (const std::exception& problem) {
    error = problem.what();
  }
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  const std::lock_guard lock(all.mutex);
  all.milliseconds.push_back(took);
  if (!error.empty()) all.errors.push_back(error);
}

void report(unsigned round, Measured& all) {
  std::ranges::sort(all.milliseconds);
  const auto at = [&](double part) {
    return all.milliseconds[static_cast<std::size_t>(part * static_cast<double>(all.milliseconds.size() - 1))];
  };
  std::cout << "round " << round << ": " << all.milliseconds.size() << " exchanges, " << all.errors.size()
            << " errors, p50 " << at(0.5) << " ms, p99 " << at(0.99) << " ms, p99/p50 " << at(0.99) / at(0.5)
            << ", resident " << resident_kib() / 1024 << " MiB\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(3, all.errors.size()); ++i)
    std::cout << "  " << all.errors[i] << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned clients = argc > 1 ? static_cast<unsigned>(std::stoul(argv[1])) : 1000;
  const unsigned rounds = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 3;
  const rlimit files{8192, 8192};
  setrlimit(RLIMIT_NOFILE, &files);
  const std::string folder = std::filesystem::temp_directory_path() / ("attest-bench-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::int64_t today = now_ms() / 1000;
  const PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256), tls = ca_key;
  const PrivateKey owner = PrivateKey::generate(PrivateKey::Type::ed25519);
  const std::string ca =
      base::make_ca_certificate(base::KeySigner(ca_key), {"acme CA", {}, {}, today - 60, today + 7200});
  const auto store = open_sqlite_store(folder + "/service.sqlite");
  kms::FileStore keys = kms::open_embedded_store({{"acme"}, folder + "/keys.sqlite", 0}, base::random_secret(32));
  std::ofstream lines(folder + "/audit.jsonl");
  AuditLog audit({}, [&](const std::string& line) { lines << line << std::endl; });
  Service service({"acme",
                   {owner.public_key()},
                   {PrivateKey::generate(PrivateKey::Type::p256), "https://127.0.0.1", ""},
                   base::random_secret(32),
                   base::random_secret(32),
                   *store,
                   keys.keys,
                   audit,
                   now_ms,
                   [](const std::string&) {},
                   std::nullopt});
  std::vector<fake::Guest> all_guests = made_guests();
  approve_and_enrol(service, all_guests, owner);
  ManySources guest_side(service);
  Administrator administrator(service);
  ServerOptions options;
  options.address = "127.0.0.1";
  options.tls_key = tls.pem();
  options.tls_certificate = base::make_server_certificate(base::KeySigner(ca_key), ca, tls.public_key(),
                                                          {"acme", {}, {"127.0.0.1"}, today - 60, today + 7200});
  options.admin_socket = folder + "/admin.sock";
  options.most_connections = options.most_per_source = 2 * clients;
  options.request_seconds = 120;
  const auto server = make_server(std::move(options), guest_side, administrator);
  std::thread serving([&] { server->run(); });
  const std::string url = "https://127.0.0.1:" + std::to_string(server->port());
  for (unsigned round = 1; round <= rounds; ++round) {
    Measured measured;
    std::latch start(clients);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < clients; ++i) {
      threads.emplace_back(one_exchange, url, ca, all_guests[i % guests], std::ref(start), std::ref(measured));
    }
    for (std::thread& thread : threads) thread.join();
    report(round, measured);
    if (round < rounds) std::this_thread::sleep_for(std::chrono::seconds(20));  // the limits for a guest refill
  }
  server->stop();
  serving.join();
  std::filesystem::remove_all(folder);
  return 0;
}
