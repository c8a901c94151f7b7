#include "attestation/trustee.h"

#include "attestation/guest_name.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/https_url.h"
#include "base/utc_time.h"

namespace attestation {
namespace {

using base::Json;

/// 9999-12-31T23:59:59Z: an approval without an end.
constexpr std::int64_t end_of_time = 253'402'300'799;

/// A TOML basic string. @throws Error{failure} for text that would need escapes, which no path or address of ours has
std::string quoted(const std::string& text) {
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      throw base::Error(base::Kind::failure, "Trustee configuration: '" + text + "' cannot be written as it is");
    }
  }
  return "\"" + text + "\"";
}

const char* verifier_section(const std::string& tee) {
  if (tee == "snp") {
    return "\n# VCEKs, as <path>/vcek/<chip id>/vcek.der; nothing is fetched.\n"
           "[attestation_service.verifier_config.snp_verifier]\n"
           "vcek_sources = [{ type = \"OfflineStore\", path = \"@DIR@/kds-store\" }]\n";
  }
  if (tee == "tdx") {
    return "\n# A file of Intel's PcsClientTool; nothing is fetched.\n"
           "[attestation_service.verifier_config.dcap_verifier]\n"
           "collateral_service = \"file://@DIR@/collateral.json\"\n";
  }
  return "";
}

constexpr const char* kbs_config = R"([http_server]
sockets = [@SOCKET@]
private_key = "@DIR@/keys/tls.key"
certificate = "@DIR@/keys/tls.pem"
payload_request_size = 2

# Only tokens that this Trustee signed, by the tenant's CA.
[attestation_token]
trusted_certs_paths = ["@DIR@/keys/ca.pem"]
insecure_header_jwk = false

[attestation_service]
type = "coco_as_builtin"
timeout = 5

[attestation_service.attestation_token_broker]
duration_min = 5
issuer_name = @URL@

[attestation_service.attestation_token_broker.signer]
key_path = "@DIR@/keys/token.key"
cert_path = "@DIR@/keys/token-chain.pem"

[attestation_service.rvps_config]
type = "BuiltIn"
@VERIFIER@
# Policies and reference values are files below; nobody changes them over the network.
[storage_backend]
storage_type = "LocalFs"

[storage_backend.backends.local_fs]
dir_path = "@DIR@/storage"

[admin]
authorization_mode = "DenyAll"

[[plugins]]
name = "resource"
storage_backend_type = "kvstorage"
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string config_text(const TrusteeRequest& request) {
  const base::HttpsUrl url = base::parse_https_url(request.url, "Trustee's URL");
  std::string text = replaced(kbs_config, "@SOCKET@", quoted(url.host + ":" + std::to_string(url.port)));
  text = replaced(std::move(text), "@URL@", quoted(request.url));
  text = replaced(std::move(text), "@VERIFIER@", verifier_section(request.approval.tee));
  const std::string directory = quoted(request.directory);
  return "# Trustee of tenant " + request.approval.tenant + ", rendered by `bulkhead trustee render`.\n" +
         replaced(std::move(text), "@DIR@", directory.substr(1, directory.size() - 2));
}

const base::Buffer& key_of(const TrusteeRequest& request, const std::string& guest) {
  const auto found = request.attestation_keys.find(guest);
  if (found == request.attestation_keys.end()) {
    throw base::Error(base::Kind::failure, "Trustee configuration: the enrolled key of " + guest + " is not given");
  }
  return found->second;
}

}  // namespace

Json trustee_reference_values(const TrusteeRequest& request) {
  Json values{Json::Object{}};
  if (request.approval.tee != "emulated") return values;
  values["trusted_ak"] = Json::Array{};
  for (const ApprovedGuest& guest : request.approval.guests) {
    const std::string key = base::base64(key_of(request, guest.guest));
    values["trusted_ak"].push_back(key);
    values["trusted_ak_" + path_segment_of(guest.guest)] = Json::Array{Json(key)};
  }
  return values;
}

std::map<std::string, std::string> trustee_configuration(const TrusteeRequest& request) {
  std::map<std::string, std::string> files;
  files["kbs-config.toml"] = config_text(request);
  files["storage/attestation_service_policy/default_cpu.rego"] = trustee_attestation_policy(request);
  files["storage/kbs/resource-policy.rego"] = trustee_resource_policy(request);
  const Json values = trustee_reference_values(request);
  if (values.object().empty()) return files;
  const std::string expires = base::utc_text(request.approval.not_after.value_or(end_of_time));
  for (const auto& [name, value] : values.object()) {
    files["storage/reference_value/" + name] =
        Json(Json::Object{{"version", "0.1.0"}, {"name", name}, {"expiration", expires}, {"value", value}}).compact();
  }
  const Json message = Json::Object{
      {"version", "0.1.0"}, {"type", "sample"}, {"payload", base::base64(base::bytes_of(values.compact()))}};
  files["reference-values.json"] = message.pretty();
  return files;
}

}  // namespace attestation
