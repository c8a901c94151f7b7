#pragma once
#include <memory>

#include "kms/kmip_client.h"

namespace kms {

/// Each exchange has a TLS connection of its own (curl_kmip_transport.cpp).
/// @param options with a client certificate, by which the server knows the tenant
std::unique_ptr<KmipTransport> make_kmip_transport(TlsOptions options);

}  // namespace kms
