#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/https_url.h"
#include "base/json.h"
#include "base/units.h"

namespace base {

/// What one guest is told about itself and its services: who it is, its address, where it proves itself and under which
/// CA. The operator delivers it, the owner approves its digest, the guest checks it against what was measured.
struct Initdata {
  struct Network {
    std::array<std::uint8_t, 6> mac{};      ///< of the guest's one interface
    std::array<std::uint8_t, 4> address{};  ///< the guest's IPv4 address; it gets ADDRESS/32
    std::array<std::uint8_t, 4> gateway{};  ///< on-link next hop for everything
    bool operator==(const Network&) const = default;
  };
  struct Service {
    HttpsUrl url;
    std::string ca;  ///< PEM of the one CA certificate the service's certificate must be under
    bool operator==(const Service&) const = default;
  };
  /// An OpenBao that the guest asks itself for its own keys (docs/kms.md, "Passport").
  struct Kms {
    HttpsUrl url;                   ///< of an IPv4 address
    std::string ca;                 ///< PEM of the one CA the server's certificate must be under
    std::string name_space, mount;  ///< is_kms_path(), or ""
    bool operator==(const Kms&) const = default;
  };

  GuestId guest;
  Network network;
  Service attestation;
  std::vector<std::string> volumes;     ///< names of the guest's own disks, which it encrypts
  std::vector<std::string> recovery{};  ///< PEM public keys of owners for whom it leaves a key on each of them
  std::optional<Kms> kms{};             ///< nullopt: its keys come from its attestation service
  bool operator==(const Initdata&) const = default;
};

/// The document's text, the same bytes for the same value: TOML of `version`, `algorithm` and `[data]` with one key
/// "bulkhead.json", whose text is JSON of bulkhead.initdata/v1 (docs/architecture.md). Its SHA-256 is the initdata
/// digest.
std::string initdata_toml(const Initdata& initdata);

/// The inverse of initdata_toml; accepts other layouts of the same TOML and JSON, nothing missing and nothing unknown.
/// @param text at most 16 KiB
/// @throws Error{malformed} "initdata.toml: ..." naming the member, what it holds and what was wanted
/// Source: CoCo initdata specification 0.1.0 (version, algorithm, [data]); docs/architecture.md (bulkhead.json)
Initdata parse_initdata(std::string_view text);

/// Whether `text` may name a volume: 1 to 20 of [a-z0-9-], first a letter, last no dash.
bool is_volume_name(std::string_view text);
/// Whether `text` may be a namespace or a mount of a KMS: at most 128 of [A-Za-z0-9_-] in parts between single slashes.
bool is_kms_path(std::string_view text);
/// A list of at most 16 names of volumes, none twice. @throws Error{malformed} naming `name`
std::vector<std::string> parse_volume_names(const Json& json, std::string_view name);
/// By which a guest finds the disk of a volume: "data-NAME", or, where 20 characters do not hold that, "data-" and the
/// first 15 digits of the name's SHA-256. Source: virtio 1.2, section 5.2.6: a serial is 20 bytes
std::string volume_serial(std::string_view name);

/// "52:54:00:0a:0b:0c" and "10.20.1.10", as initdata and the kernel write them.
std::string mac_text(const std::array<std::uint8_t, 6>& mac);
std::string ipv4_text(const std::array<std::uint8_t, 4>& address);
/// @throws Error{malformed} naming `name`: lower-case hexadecimal pairs of a unicast address other than zero
std::array<std::uint8_t, 6> parse_mac(std::string_view text, std::string_view name);
/// @throws Error{malformed} naming `name`: four decimal bytes without leading zeros
std::array<std::uint8_t, 4> parse_ipv4(std::string_view text, std::string_view name);

}  // namespace base
