#pragma once
#include <optional>
#include <string_view>

#include "attestation/request_handler.h"

/// What of an HTTP/1.1 request reaches the service.
/// Source: RFC 9112 section 3 (request line), RFC 6265 section 4.2 (Cookie), RFC 6750 section 2.1 (Bearer).
namespace attestation {

/// Headers above this size end the connection, in bytes; bodies above wire::body_limit likewise.
inline constexpr unsigned header_limit = 16U << 10U;

/// @param target of the request line, with its query, which the service does not care about
/// @param cookies the header Cookie @param authorization the header Authorization; both may be ""
/// @return a request without body, source and peer
Request request_of(std::string_view method, std::string_view target, std::string_view cookies,
                   std::string_view authorization);

/// The request that a connection of these bytes and no more has first; nullopt when the server would not answer it.
/// The server itself reads from sockets: this is for tests of its parser.
std::optional<Request> read_request(std::string_view bytes);

}  // namespace attestation
