#pragma once
#include <string>

#include "base/error.h"

namespace kms {

/// Whether asking again can do harm: make a second key, revoke twice what was replaced meanwhile.
enum class Retry { safe, unsafe, useless };

/// A provider that could not or would not. The message names the provider, the request and whether a retry is safe.
class ProviderError : public base::Error {
 public:
  /// @param provider "openbao https://10.0.0.5:8200" @param request its id there or, without an answer, ours
  ProviderError(base::Kind kind, const std::string& provider, const std::string& request, const std::string& what,
                Retry retry);
  [[nodiscard]] Retry retry() const noexcept { return retry_; }

 private:
  Retry retry_;
};

}  // namespace kms
