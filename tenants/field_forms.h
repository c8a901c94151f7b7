#pragma once
#include <cstdint>

#include "base/digest.h"
#include "base/units.h"
#include "tenants/form.h"
#include "tenants/ipv4.h"
#include "tenants/tenant.h"

/// The forms of single values that several documents share. Each says what it accepts in its message.
namespace tenants {

/// 1..20 of a-z 0-9 -, first a letter, no dash last or twice in a row: safe for libvirt, systemd and file systems.
bool is_safe_name(std::string_view name) noexcept;
Form<std::string> name_form();
/// Text of at most `most` bytes without newlines, not empty.
Form<std::string> line_form(std::size_t most = 4096);
/// Text of at most `most` bytes, newlines allowed, may be empty.
Form<std::string> any_text_form(std::size_t most);
/// A path: a line of at most 1024 bytes.
Form<std::string> path_form();
Form<std::string> absolute_path_form();
/// A word of letters, digits and the characters of `others`, at most `most` long, first a letter or digit.
Form<std::string> word_form(const std::string& wanted, const std::string& others, std::size_t most);
Form<std::string> dns_name_form();
Form<bool> flag_form();
/// A decimal number without leading zeros, from `least` to `most`.
Form<std::uint64_t> whole_number_form(std::uint64_t least, std::uint64_t most);
template <typename V>
Form<V> number_form(std::uint64_t least, std::uint64_t most) {
  Form<std::uint64_t> wide = whole_number_form(least, most);
  return {wide.schema, [read = wide.read](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            const std::optional<std::uint64_t> value = read(node, path, diagnostics);
            return value ? std::optional<V>(static_cast<V>(*value)) : std::nullopt;
          }};
}
/// "512MiB", "8GiB" or "1TiB", at least `least` MiB and at most 64 TiB.
Form<base::MiB> size_form(std::uint64_t least);
Form<base::Sha256> sha256_form();
Form<Ipv4> ipv4_form();
/// A subnet: host bits zero. @param shortest the smallest prefix length
Form<Cidr> subnet_form(unsigned shortest, unsigned longest);
/// An address of ours in a network: 192.168.1.5/24.
Form<Cidr> interface_address_form();
/// https://HOST:PORT or kmip://HOST:PORT
Form<ServiceUrl> service_url_form(bool kmip_too);

}  // namespace tenants
