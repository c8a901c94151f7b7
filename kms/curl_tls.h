#pragma once
#include <memory>
#include <string>

#include "kms/transport.h"

/// What the curl_*.cpp files share; the type stays opaque here.
typedef void CURL;

namespace kms::curl {

struct Cleanup {
  void operator()(CURL* handle) const noexcept;
};
using Handle = std::unique_ptr<CURL, Cleanup>;

/// A handle that speaks TLS as TlsOptions say and nothing else. The options must outlive it.
Handle make_handle(const TlsOptions& options, const std::string& path);
/// @throws TransportError naming host and port, with libcurl's own words
[[noreturn]] void fail(const TlsOptions& options, int code, bool sent);

}  // namespace kms::curl
