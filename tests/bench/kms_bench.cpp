// What a release of one key takes: from the embedded store with 10,000 keys, and where there is an OpenBao
// (tests/kms/fetch-openbao) from that, beside the bare requests that it needs for the same.
// usage: kms_bench FOLDER [KEYS]    prints "NAME MICROSECONDS" lines
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <random>

#include "base/encoding.h"
#include "base/posix_files.h"
#include "kms/embedded_store.h"
#include "kms/openbao_store.h"
#include "tests/kms/servers/openbao_server.h"

namespace {

using base::Json;
using kms::openbao_server::Server;
using Clock = std::chrono::steady_clock;

const base::TenantId tenant{"acme"};
const kms::Measurement measurement(96, 'a');

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

void print_times(const std::string& name, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::cout << name << "-median " << times[times.size() / 2] << "\n"
            << name << "-p99 " << times[times.size() * 99 / 100] << "\n"
            << name << "-worst " << times.back() << "\n";
}

/// @param run of a number below `range`; the order is the same every time
void time_each(const std::string& name, unsigned runs, unsigned range, const std::function<void(unsigned)>& run) {
  std::mt19937 random(6);
  std::vector<double> times;
  for (unsigned i = 0; i < runs; ++i) {
    const unsigned number = static_cast<unsigned>(random()) % range;
    const auto begin = Clock::now();
    run(number);
    times.push_back(microseconds_since(begin));
  }
  print_times(name, std::move(times));
}

kms::KeyName name_of(unsigned number) {
  return kms::KeyName::parse("worker/" + std::to_string(number) + "/root");
}

void create(kms::KeyStore& keys, unsigned count) {
  for (unsigned i = 0; i < count; ++i) keys.create(name_of(i), {tenant, base::Pool::worker, i, {measurement}});
}

void release(kms::KeyStore& keys, unsigned guest) {
  const auto released = keys.release(name_of(guest), {{tenant, base::Pool::worker, guest}, measurement});
  if (!std::holds_alternative<base::Secret>(released)) throw std::runtime_error("a release was refused");
}

void embedded(const std::string& folder, unsigned keys) {
  base::write_file_atomically(folder + "/kek", base::base64(base::Buffer(32, 7)), 0600);
  const kms::FileStoreOptions options{tenant, folder + "/keys.sqlite", 0};
  {
    kms::FileStore store = kms::open_embedded_store(options, kms::read_key_encryption_key(folder + "/kek"));
    const auto begin = Clock::now();
    create(store.keys, keys);
    std::cout << "embedded-create-mean " << microseconds_since(begin) / keys << "\n";
  }
  const auto begin = Clock::now();
  kms::FileStore store = kms::open_embedded_store(options, kms::read_key_encryption_key(folder + "/kek"));
  std::cout << "embedded-open " << microseconds_since(begin) << "\n";
  time_each("embedded-release", 5 * keys, keys, [&](unsigned guest) { release(store.keys, guest); });
}

/// One client's requests, over one TLS connection that stays open, as a provider's are.
class BareClient {
 public:
  explicit BareClient(const Server& server)
      : transport_(kms::make_http_transport(server.pki.options(server.port, "ca", ""))),
        token_(Server::secret(server.root_token())) {}
  Json call(const std::string& method, const std::string& path, const Json& body = {}) {
    kms::HttpRequest request{
        method, "/v1/" + path, {{"X-Vault-Namespace", "acme"}}, {"X-Vault-Token", token_.clone()}, {}};
    if (!body.is_null()) request.body = Server::secret(body.compact());
    const kms::HttpAnswer answer = transport_->exchange(request);
    if (answer.status >= 300) throw std::runtime_error(path + ": HTTP " + std::to_string(answer.status));
    return kms::parse_openbao_body(answer.body.view());
  }

 private:
  std::shared_ptr<kms::HttpTransport> transport_;
  base::Secret token_;
};

/// A release is a record read and a data key unwrapped: two requests, which nothing can do in less.
void openbao(unsigned keys) {
  Server server;
  auto client =
      std::make_shared<kms::OpenBaoClient>("openbao", "acme", kms::OpenBaoCertificate{"cert", "keys"},
                                           kms::make_http_transport(server.pki.options(server.port, "ca", "acme")));
  kms::KeyStore store = kms::open_openbao_store(tenant, std::move(client), {});
  create(store, keys);
  BareClient bare(server);
  static_cast<void>(bare.call("POST", "kv/data/bench", Json::Object{{"data", Json::Object{{"key", "value"}}}}));
  static_cast<void>(bare.call("POST", "transit/keys/bench", Json::Object{}));
  const Json wrapped = bare.call("POST", "transit/datakey/wrapped/bench", Json::Object{});
  const Json unwrap = Json::Object{{"ciphertext", wrapped.at("data").at("ciphertext").text()}};
  time_each("openbao-release", 5 * keys, keys, [&](unsigned guest) { release(store, guest); });
  time_each("openbao-bare-requests", 5 * keys, keys, [&](unsigned) {
    static_cast<void>(bare.call("GET", "kv/data/bench"));
    static_cast<void>(bare.call("POST", "transit/decrypt/bench", unwrap));
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const unsigned keys = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 10000;
    embedded(argc > 1 ? argv[1] : ".", keys);
    if (std::filesystem::exists(kms::openbao_server::program())) openbao(std::min(keys, 200U));
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "kms_bench: " << problem.what() << "\n";
    return 1;
  }
}
