#include "kms/provider_check.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "kms/openbao_token.h"
#include "kms/provider_error.h"

namespace kms {
namespace {

/// Runs the steps of a check and writes down how each ended.
class Checks {
 public:
  explicit Checks(std::vector<CheckFinding>& findings) : findings_(findings) {}
  /// @param step returns what was found. @return whether it did not throw
  template <typename Step>
  bool expect(const std::string& check, const Step& step) {
    try {
      findings_.push_back({check, true, step()});
    } catch (const base::Error& error) {
      findings_.push_back({check, false, error.what()});
    }
    return findings_.back().passed;
  }
  /// A request that must be refused by the provider itself; another failure proves nothing.
  template <typename Step>
  void expect_refusal(const std::string& check, const Step& step) {
    try {
      step();
      findings_.push_back({check, false, "it was granted"});
    } catch (const ProviderError& error) {
      findings_.push_back({check, error.retry() == Retry::useless, error.what()});
    }
  }
  void add(const std::string& check, bool passed, const std::string& got) { findings_.push_back({check, passed, got}); }

 private:
  std::vector<CheckFinding>& findings_;
};

/// The tenant's keys and, of an OpenBao, the client they are reached with: a wrapped token can be taken out only once.
struct Reached {
  KeyStore keys;
  std::shared_ptr<OpenBaoClient> openbao;
};

Reached reach(const Connection& connection, const std::string& folder, const Transports& transports) {
  const auto* const at = std::get_if<OpenBaoConnection>(&connection.provider);
  if (at == nullptr) return {open_connection(connection, folder, transports), nullptr};
  std::shared_ptr<OpenBaoClient> client = connect_openbao(*at, files_on_disk(folder), transports);
  return {open_openbao_store(connection.tenant, client, at->mounts), client};
}

std::string text_of(const OpenBaoTokenFacts& token) {
  std::string policies;
  for (const std::string& policy : token.policies) policies += (policies.empty() ? "" : ", ") + policy;
  return (token.seconds ? "ends in " + std::to_string(*token.seconds) + " s" : "never ends") +
         (token.renewable ? ", renewable" : ", not renewable") +
         (token.period > 0 ? ", period " + std::to_string(token.period) + " s" : "") + "; policies: " + policies;
}

/// How long its token lives, and that it is not the one that may do everything.
void check_token(const OpenBaoConnection& at, OpenBaoClient& client, Checks& checks) {
  checks.expect("its token", [&] {
    try {
      const OpenBaoTokenFacts token = look_at_token(client);
      const bool unlimited = std::binary_search(token.policies.begin(), token.policies.end(), "root");
      if (unlimited) throw base::Error(base::Kind::failure, "policy root: it is unlimited; " + text_of(token));
      return text_of(token);
    } catch (const ProviderError& error) {
      // Only who was given a token needs to know when it ends.
      if (at.method == OpenBaoMethod::token || error.retry() != Retry::useless) throw;
      return std::string("may not look at itself");
    }
  });
}

void check_limits(const OpenBaoConnection& at, OpenBaoClient& client, const CheckOptions& options, Checks& checks) {
  check_token(at, client, checks);
  const auto refused = [&](const std::string& name_space, const std::string& path) {
    const std::string place = (name_space.empty() ? "" : name_space + "/") + path;
    checks.expect("refused outside its mounts: " + place, [&] {
      const unsigned status = client.try_to_read(name_space, path);
      if (status != 403) throw base::Error(base::Kind::failure, "HTTP " + std::to_string(status) + ", wanted 403");
      return std::string("HTTP 403");
    });
  };
  refused(at.name_space, "sys/mounts");
  refused(at.name_space, "sys/policies/acl/root");
  if (!at.name_space.empty()) refused("", "sys/mounts");
  for (const std::string& foreign : options.foreign) refused(foreign, at.mounts.kv + "/data/worker/0/root");
}

void check_limits(const KmipConnection& at, const CheckOptions& options, const Transports& transports, Checks& checks) {
  const ConnectionFiles files = files_on_disk(options.folder);
  KmipClient client = connect_kmip(at, files, transports);
  checks.expect("the server answers", [&] {
    const KmipServer server = client.query();
    return std::to_string(server.operations.size()) + " operations; " + server.vendor;
  });
  for (const std::string& foreign : options.foreign)
    checks.expect_refusal("refused: object " + foreign, [&] { client.get(foreign); });
  TlsOptions nobody = read_tls(at.tls, files);
  nobody.certificate.clear();
  nobody.private_key = {};
  KmipClient anonymous("kmip without certificate", at.version, transports.kmip(std::move(nobody)));
  try {
    anonymous.query();
    checks.add("refused without a certificate", false, "it was granted");
  } catch (const ProviderError& error) {
    checks.add("refused without a certificate", true, error.what());
  }
}

/// Files and tokens are checked when they are opened: modes, tenant, whether the key could leave its token.
void check_limits(const Connection& connection, const Reached& reached, const CheckOptions& options,
                  const Transports& transports, Checks& checks) {
  if (const auto* const openbao = std::get_if<OpenBaoConnection>(&connection.provider))
    check_limits(*openbao, *reached.openbao, options, checks);
  if (const auto* const kmip = std::get_if<KmipConnection>(&connection.provider))
    check_limits(*kmip, options, transports, checks);
}

void check_keys(KeyStore& store, CheckReport& report, Checks& checks) {
  for (const KeyName& name : store.names()) {
    const KeyStatus status = store.status(name);
    report.keys.push_back({name, status});
    if (is_releasable(status.state) && status.policy.measurements.empty())
      checks.add("release rule of " + name.text(), false, "no measurement is approved: nobody is given the key");
    if (status.unerased > 0)
      checks.add("old versions of " + name.text(), false, std::to_string(status.unerased) + " not erased yet");
  }
}

/// The whole life of a key for a guest that does not exist.
void check_life(KeyStore& store, const base::TenantId& tenant, Checks& checks) {
  const KeyName name = KeyName::parse("bulkhead-check/" + base::hex(base::random_bytes(8)));
  const Requester guest{{tenant, base::Pool::worker, 9999}, base::hex(base::random_bytes(48))};
  const auto key = [&](const Requester& requester, Slot slot) {
    auto released = store.release(name, requester, slot);
    if (const Refusal* const refusal = std::get_if<Refusal>(&released))
      throw base::Error(base::Kind::failure, refusal->reasons.front());
    return std::move(std::get<base::Secret>(released));
  };
  const auto released = [&](Slot slot) { return key(guest, slot).size() == key_size ? "released" : "another size"; };
  const bool made = checks.expect("a key is made: " + name.text(), [&] {
    store.create(name, {tenant, base::Pool::worker, 9999, {guest.measurement}});
    return std::string(released(Slot::current));
  });
  if (!made) return;
  Requester stranger = guest;
  stranger.measurement = base::hex(base::random_bytes(48));
  const auto refused = store.release(name, stranger);
  const Refusal* const refusal = std::get_if<Refusal>(&refused);
  checks.add("another measurement is refused", refusal != nullptr, refusal ? "refused" : "it was released");
  checks.expect("old and new key are released during a rotation", [&] {
    store.mark_formatted(name);
    store.begin_rotation(name);
    return released(Slot::current) + std::string(", ") + released(Slot::next);
  });
  checks.expect("the rotation is committed", [&] {
    const KeyStatus status = store.commit_rotation(name);
    if (status.unerased > 0) throw base::Error(base::Kind::failure, "the old key is not erased");
    return "version " + std::to_string(status.current);
  });
  checks.expect("the key is revoked and destroyed", [&] {
    store.revoke(name);
    return std::string(kms::name_of(store.destroy(name).state));
  });
}

}  // namespace

CheckReport check_provider(const Connection& connection, const CheckOptions& options, const Transports& transports) {
  CheckReport report;
  Checks checks(report.findings);
  std::optional<Reached> reached;
  const bool open = checks.expect("the keys are reached", [&] {
    reached.emplace(reach(connection, options.folder, transports));
    report.provider = reached->keys.provider();
    return std::to_string(reached->keys.names().size()) + " keys in " + report.provider;
  });
  if (!open) return report;
  checks.expect("every key's record is read", [&] {
    check_keys(reached->keys, report, checks);
    return std::to_string(report.keys.size()) + " records";
  });
  check_limits(connection, *reached, options, transports, checks);
  if (options.try_key) check_life(reached->keys, connection.tenant, checks);
  return report;
}

}  // namespace kms
