#include "cli/key_file_text.h"

#include "base/certificate.h"
#include "base/error.h"
#include "base/json.h"

namespace cli {
namespace {

bool has(std::string_view content, std::string_view words) {
  return content.find(words) != std::string_view::npos;
}

std::string document_text(std::string_view content) {
  const base::Json json = base::Json::parse(content, "key file");
  const std::string& schema = json.at("schema").text();
  if (schema == "bulkhead.tpm-sealed/v1") return "sealed to a TPM: no other machine opens it";
  const std::string of_tenant = " of " + json.at("tenant").text();
  if (schema == "bulkhead.service-bundle/v1")
    return "service bundle" + of_tenant + ", TLS certificate SHA-256 " +
           base::certificate_fingerprint(json.at("tlsCertificate").text(), "tlsCertificate").hex();
  if (schema == "bulkhead.token-key/v1")
    return "token key" + of_tenant + ", certificate SHA-256 " +
           base::certificate_fingerprint(json.at("tokenCertificate").text(), "tokenCertificate").hex();
  return schema + of_tenant;
}

std::string known_text(std::string_view content) {
  if (content.starts_with('{')) return document_text(content);
  if (has(content, "-----BEGIN PRIVATE KEY")) {
    const base::PublicKey key = base::PrivateKey::from_pem(content, "key file").public_key();
    return "private key, " + key.algorithm() + ", public key SHA-256 " + key.fingerprint().hex();
  }
  if (has(content, "-----BEGIN CERTIFICATE"))
    return "certificate, SHA-256 " + base::certificate_fingerprint(content, "key file").hex();
  const base::PublicKey key = base::PublicKey::from_pem(content, "key file");
  return "public key, " + key.algorithm() + ", SHA-256 " + key.fingerprint().hex();
}

}  // namespace

bool is_public_key_file(std::string_view content) {
  return content.starts_with("-----BEGIN ") && !has(content, "PRIVATE") &&
         (has(content, "-----BEGIN CERTIFICATE") || has(content, "-----BEGIN PUBLIC KEY"));
}

std::string key_file_text(std::string_view content) {
  try {
    return known_text(content);
  } catch (const base::Error&) {
    return "no key that is known here, " + std::to_string(content.size()) + " bytes";
  }
}

}  // namespace cli
