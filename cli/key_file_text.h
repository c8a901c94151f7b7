#pragma once
#include <string>
#include <string_view>

namespace cli {

/// Certificates or a public key in PEM and nothing private: what anybody may read.
bool is_public_key_file(std::string_view content);

/// What an owner's key file is, with its fingerprint and never a secret: "private key, Ed25519, public key SHA-256 ..",
/// "service bundle of acme, TLS certificate SHA-256 .."; of what is none of these only its size.
std::string key_file_text(std::string_view content);

}  // namespace cli
