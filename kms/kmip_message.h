#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kms/ttlv.h"

/// The requests we send to a KMIP server and its answers. Pure.
/// Source: OASIS KMIP Specification 1.4 and 2.0 (operations in section 4 and 6.1, messages in 7 and 8, tags
/// in 9.1.3.1/11)
namespace kms {

struct KmipVersion {
  std::int32_t major = 1, minor = 4;
  bool operator==(const KmipVersion&) const = default;
  [[nodiscard]] bool has_attributes_structure() const noexcept { return major >= 2; }
};

enum class KmipOperation : std::uint32_t {
  create = 0x01,
  register_object = 0x03,
  locate = 0x08,
  get = 0x0A,
  get_attributes = 0x0B,
  activate = 0x12,
  revoke = 0x13,
  destroy = 0x14,
  query = 0x18,
};
std::string_view name_of(KmipOperation operation) noexcept;  ///< "Create"

/// A 256-bit AES key that may encrypt and decrypt, made by the server.
base::Secret kmip_create(const KmipVersion& version, std::string_view name);
/// A secret that others made. @param secret any bytes
base::Secret kmip_register_secret(const KmipVersion& version, std::string_view name, base::Bytes secret);
base::Secret kmip_get(const KmipVersion& version, std::string_view id);
base::Secret kmip_get_attributes(const KmipVersion& version, std::string_view id);
base::Secret kmip_activate(const KmipVersion& version, std::string_view id);
/// Reason: cessation of operation.
base::Secret kmip_revoke(const KmipVersion& version, std::string_view id);
base::Secret kmip_destroy(const KmipVersion& version, std::string_view id);
/// @param name nullopt: every object that this client may see
base::Secret kmip_locate(const KmipVersion& version, const std::optional<std::string>& name);
/// Which operations the server knows and who made it.
base::Secret kmip_query(const KmipVersion& version);

/// Why a server refuses, of the reasons that we act upon. Source: the Result Reason enumeration of both versions.
enum class KmipReason : std::uint32_t {
  item_not_found = 0x01,
  operation_not_supported = 0x05,
  permission_denied = 0x0C,
  general_failure = 0x100,  ///< something is wrong in the server: HTTP's 500
};
struct KmipRefusal {
  std::uint32_t reason = 0;  ///< KmipReason or another of its enumeration
  std::string message;       ///< the server's words, printable ASCII, at most 200 characters
};
/// "permission denied", "reason 0x64"
std::string reason_text(std::uint32_t reason);

/// What came back for one request.
struct KmipAnswer {
  std::optional<KmipRefusal> refusal;
  TtlvItem payload;  ///< looks into the message; without children when there was a refusal
};
/// @param message one whole response message, which must outlive the answer
/// @throws Error{malformed} unless it is the answer of that version to exactly one request of that operation
KmipAnswer parse_kmip_answer(base::Bytes message, const KmipVersion& version, KmipOperation operation);

/// Parts of payloads. @throws Error{malformed} when the payload has not exactly that
std::string kmip_unique_identifier(const TtlvItem& payload);
std::vector<std::string> kmip_unique_identifiers(const TtlvItem& payload);
/// The bytes of a raw, unwrapped 256-bit AES key.
base::Bytes kmip_aes_key(const TtlvItem& payload);
enum class KmipState : std::uint32_t {
  pre_active = 1,
  active = 2,
  deactivated = 3,
  compromised = 4,
  destroyed = 5,
  destroyed_compromised = 6,
};
KmipState kmip_state(const TtlvItem& payload, const KmipVersion& version);
struct KmipServer {
  std::string vendor;  ///< printable ASCII, may be empty
  std::vector<std::uint32_t> operations;
};
KmipServer kmip_server(const TtlvItem& payload);

constexpr TtlvTag kmip_response_message = 0x42007B;

}  // namespace kms
