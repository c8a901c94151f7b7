#pragma once
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace attestation {

/// Asks the clients of this server for a certificate under this CA, and breaks off with those that show another one.
/// Who shows none is let in, unnamed. No session is resumed: every connection shows it anew.
/// @param ca PEM @throws Error{malformed}
void ask_for_certificates(ssl_ctx_st* server, const std::string& ca);
/// The one URI in the client's certificate, if the CA itself issued that; "" for everyone else, so also for guests,
/// whose certificates a CA below it issues.
std::string directly_certified_uri(ssl_st* connection);

}  // namespace attestation
