#pragma once
#include <memory>
#include <string>
#include <vector>

#include "kms/kmip_message.h"
#include "kms/transport.h"

namespace kms {

/// One request message to a KMIP server, one answer.
class KmipTransport {
 public:
  virtual ~KmipTransport() = default;
  /// @return the whole answer as it came, at most 1 MiB. @throws TransportError, Error{malformed} for a head that is
  /// none
  virtual base::Secret exchange(base::Bytes request) = 0;
};

/// A KMIP server and what it does for us. What it refuses, or does not answer, is a ProviderError that names the
/// server, the request's number and whether a retry is safe; requests that change nothing are sent up to three times.
class KmipClient {
 public:
  /// @param server for messages: "kmip 10.0.0.5:5696"
  KmipClient(std::string server, KmipVersion version, std::unique_ptr<KmipTransport> transport)
      : server_(std::move(server)), version_(version), transport_(std::move(transport)) {}

  std::string create(const std::string& name);
  std::string register_secret(const std::string& name, base::Bytes secret);
  void activate(const std::string& id);
  base::Secret get(const std::string& id);
  /// nullopt when the server has no such object.
  std::optional<KmipState> state(const std::string& id);
  void revoke(const std::string& id);
  void destroy(const std::string& id);
  std::vector<std::string> locate(const std::optional<std::string>& name);
  KmipServer query();
  [[nodiscard]] const std::string& server() const noexcept { return server_; }

 private:
  enum class Effect { none, idempotent, makes_one_more };
  /// The message (which the answer looks into) and the answer.
  struct Exchange {
    base::Secret message;
    KmipAnswer answer;
  };
  Exchange exchange(KmipOperation operation, const base::Secret& request, Effect effect);
  base::Secret answered(KmipOperation operation, const base::Secret& request, Effect effect, const std::string& number);
  /// What `read` makes of the answer's payload; a refusal is an error.
  template <typename Read>
  auto granted(KmipOperation operation, const base::Secret& request, Effect effect, const Read& read);
  [[noreturn]] void malformed(KmipOperation operation, Effect effect, const base::Error& error) const;
  [[noreturn]] void refuse(KmipOperation operation, Effect effect, const KmipRefusal& refusal) const;

  std::string server_;
  KmipVersion version_;
  std::unique_ptr<KmipTransport> transport_;
  std::uint64_t requests_ = 0;
};

}  // namespace kms
