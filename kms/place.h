#pragma once
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/json.h"

namespace kms {

/// Who asks for a guest's keys: the tenant's service, with a credential (connection.h), or each guest, with the
/// certificate that the service issued after appraisal (passport.h).
enum class Model { background_check, passport };

/// Where a tenant's keys are, outside its service, as its owners approve it. It names no credential: that is in the
/// connection, which has to lead here; of passports there is none.
struct Place {
  std::string provider;    ///< "openbao", "kmip" or "pkcs11"
  std::string server;      ///< "10.0.0.5:8200"; "": a token
  std::string name_space;  ///< OpenBao's; "": the root namespace
  /// OpenBao's: the engines are MOUNT/kv and MOUNT/transit, without one `kv` and `transit`.
  std::string mount;
  std::string token;                   ///< the label of a PKCS#11 token
  std::optional<base::Sha256> ca;      ///< of the DER of the one CA that is pinned; nullopt: a token
  std::optional<base::Sha256> client;  ///< of the DER of the client's certificate; nullopt: any, or none

  Model model = Model::background_check;  ///< passport: of OpenBao

  /// "openbao 10.0.0.5:8200, namespace acme, mount cvm", of passports with ", asked by the guests themselves"
  [[nodiscard]] std::string text() const;
  bool operator==(const Place&) const = default;
};

/// {"provider","server","namespace","mount","token","ca","client"}; digests as hexadecimal digits or null; and "model":
/// "passport" when that is it.
base::Json to_json(const Place& place);
/// @throws Error{malformed} naming `name`
Place parse_place(const base::Json& json, std::string_view name);

}  // namespace kms
