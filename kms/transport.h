#pragma once
#include <chrono>
#include <string>

#include "base/error.h"
#include "base/secret.h"

/// How a provider is reached: always TLS 1.2 or later, its certificate under exactly one pinned CA and for the host
/// that was asked, never over a proxy. The adapters are curl_*.cpp in the module bulkhead-kms.so.
namespace kms {

struct TlsOptions {
  std::string host;  ///< a DNS name or an IPv4 address
  std::uint16_t port = 0;
  std::string ca;                             ///< PEM, pinned: no other CA of the machine counts
  std::string certificate;                    ///< PEM of this client; empty: none
  base::Secret private_key;                   ///< PEM of its key; empty: none
  std::chrono::milliseconds patience{10000};  ///< for a whole exchange
};

/// Nobody answered, or not in time, or not whom we wanted. `sent`: the request may have arrived all the same.
class TransportError : public base::Error {
 public:
  TransportError(const std::string& message, bool sent) : base::Error(base::Kind::failure, message), sent_(sent) {}
  [[nodiscard]] bool sent() const noexcept { return sent_; }

 private:
  bool sent_;
};

}  // namespace kms
