#include "kms/provider_error.h"

namespace kms {
namespace {

const char* advice(Retry retry) {
  switch (retry) {
    case Retry::safe:
      return " (a retry is safe)";
    case Retry::unsafe:
      return " (it may have been done: look at the key's status before a retry)";
    case Retry::useless:
      return "";
  }
  return "";
}

}  // namespace

ProviderError::ProviderError(base::Kind kind, const std::string& provider, const std::string& request,
                             const std::string& what, Retry retry)
    : base::Error(kind, "kms " + provider + ", request " + request + ": " + what + advice(retry)), retry_(retry) {}

}  // namespace kms
