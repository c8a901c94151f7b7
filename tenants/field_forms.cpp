#include "tenants/field_forms.h"

#include <algorithm>
#include <charconv>

namespace tenants {
namespace {

using base::Json;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > 18 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Json::Object pattern(const std::string& expression, std::size_t most) {
  return {{"pattern", expression}, {"minLength", 1}, {"maxLength", static_cast<std::int64_t>(most)}};
}

Form<std::string> checked_text(const std::string& wanted, Json::Object schema,
                               std::function<bool(const std::string&)> good) {
  return text<std::string>(wanted, std::move(schema), [good = std::move(good)](const std::string& value) {
    return good(value) ? std::optional(value) : std::nullopt;
  });
}

bool is_line(const std::string& value, std::size_t most) {
  return !value.empty() && value.size() <= most && std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

constexpr const char* octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
std::string address_expression() {
  return "(" + std::string(octet) + "\\.){3}" + octet;
}

/// Labels of letters, digits and inner dashes; the last one is no number, so that no address looks like a name.
bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (;;) {
    const std::string_view label = name.substr(0, name.find('.'));
    const bool good = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
                      std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
    if (!good) return false;
    if (label.size() == name.size()) return !std::all_of(label.begin(), label.end(), is_digit);
    name.remove_prefix(label.size() + 1);
  }
}

std::optional<ServiceUrl> parse_service_url(const std::string& value, bool kmip_too) {
  const std::size_t slashes = value.find("://");
  const std::size_t colon = value.rfind(':');
  if (slashes == std::string::npos || colon < slashes + 4 || value.size() > 300) return std::nullopt;
  ServiceUrl url{value, value.substr(0, slashes), value.substr(slashes + 3, colon - slashes - 3), 0, std::nullopt};
  const std::optional<std::uint64_t> port = decimal(std::string_view(value).substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  url.port = static_cast<std::uint16_t>(*port);
  url.address = Ipv4::parse(url.host);
  const bool good_scheme = url.scheme == "https" || (kmip_too && url.scheme == "kmip");
  if (!good_scheme || (!url.address && !is_dns_name(url.host))) return std::nullopt;
  std::transform(url.host.begin(), url.host.end(), url.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return url;
}

constexpr const char* dns_expression =
    "([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\\.)*(?!-)[A-Za-z0-9-]*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?";

}  // namespace

bool is_safe_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 20 && is_lower(name[0]) && name.back() != '-' &&
         name.find("--") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

Form<std::string> name_form() {
  return checked_text("a name of 1 to 20 letters a-z, digits and single dashes, first a letter",
                      pattern("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", 20),
                      [](const std::string& value) { return is_safe_name(value); });
}

Form<std::string> line_form(std::size_t most) {
  return checked_text("one line of text", pattern("^[^\\u0000-\\u001f\\u007f]+$", most),
                      [most](const std::string& value) { return is_line(value, most); });
}

Form<std::string> any_text_form(std::size_t most) {
  return checked_text("text of at most " + std::to_string(most) + " bytes",
                      {{"maxLength", static_cast<std::int64_t>(most)}},
                      [most](const std::string& value) { return value.size() <= most; });
}

Form<std::string> path_form() {
  return checked_text("a path", pattern("^[^\\u0000-\\u001f\\u007f]+$", 1024),
                      [](const std::string& value) { return is_line(value, 1024); });
}

Form<std::string> absolute_path_form() {
  return checked_text("an absolute path without '..'",
                      pattern("^/(?!.*(^|/)\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]*$", 1024),
                      [](const std::string& value) {
                        const bool climbs = ("/" + value + "/").find("/../") != std::string::npos;
                        return is_line(value, 1024) && value[0] == '/' && !climbs;
                      });
}

Form<std::string> word_form(const std::string& wanted, const std::string& others, std::size_t most) {
  std::string escaped;
  for (const char c : others) escaped += std::string("\\") + c;
  return checked_text(wanted, pattern("^[A-Za-z0-9][A-Za-z0-9" + escaped + "]*$", most), [=](const std::string& value) {
    return !value.empty() && value.size() <= most && is_letter_or_digit(value[0]) &&
           std::all_of(value.begin(), value.end(),
                       [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string::npos; });
  });
}

Form<std::string> dns_name_form() {
  return checked_text("a DNS name", pattern("^" + std::string(dns_expression) + "$", 253), is_dns_name);
}

Form<bool> flag_form() {
  return {Json::Object{{"type", "boolean"}},
          [](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            const bool plain = node.kind == Node::Kind::scalar && !node.quoted;
            if (plain && node.text == "true") return std::optional(true);
            if (plain && node.text == "false") return std::optional(false);
            report_unexpected(node, path, "true or false", diagnostics);
            return std::optional<bool>();
          }};
}

Form<std::uint64_t> whole_number_form(std::uint64_t least, std::uint64_t most) {
  const std::string wanted = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  Json::Object schema{
      {"type", "integer"}, {"minimum", static_cast<std::int64_t>(least)}, {"maximum", static_cast<std::int64_t>(most)}};
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::optional<std::uint64_t> value;
            if (node.kind == Node::Kind::scalar && !node.quoted) value = decimal(node.text);
            if (value && (*value < least || *value > most)) value.reset();
            if (!value) report_unexpected(node, path, wanted, diagnostics);
            return value;
          }};
}

Form<base::MiB> size_form(std::uint64_t least) {
  const std::string wanted = "a size of at least " + std::to_string(least) + "MiB, such as 512MiB or 8GiB";
  return text<base::MiB>(wanted, pattern("^(0|[1-9][0-9]{0,7})(MiB|GiB|TiB)$", 11), [least](const std::string& value) {
    const std::optional<base::MiB> size = base::parse_size(value);
    return size && size->count >= least && size->count <= (64U << 20U) ? size : std::nullopt;
  });
}

Form<base::Sha256> sha256_form() {
  return text<base::Sha256>("a SHA-256 of 64 hexadecimal digits", pattern("^[0-9a-fA-F]{64}$", 64),
                            &base::Sha256::parse);
}

Form<Ipv4> ipv4_form() {
  return text<Ipv4>("an IPv4 address", pattern("^" + address_expression() + "$", 15), &Ipv4::parse);
}

Form<Cidr> subnet_form(unsigned shortest, unsigned longest) {
  const std::string range = "/" + std::to_string(shortest) + " to /" + std::to_string(longest);
  return text<Cidr>(
      "an IPv4 subnet of " + range + " with zero host bits, such as 10.20.0.0/24",
      pattern("^" + address_expression() + "/([0-9]|[12][0-9]|3[0-2])$", 18), [=](const std::string& value) {
        std::optional<Cidr> cidr = Cidr::parse(value);
        const bool good = cidr && cidr->prefix >= shortest && cidr->prefix <= longest && cidr->first() == cidr->address;
        return good ? cidr : std::nullopt;
      });
}

Form<Cidr> interface_address_form() {
  return text<Cidr>("an address with its network's length, such as 192.168.1.5/24",
                    pattern("^" + address_expression() + "/([89]|[12][0-9]|30)$", 18), [](const std::string& value) {
                      std::optional<Cidr> cidr = Cidr::parse(value);
                      const bool good = cidr && cidr->prefix >= 8 && cidr->prefix <= 30 &&
                                        cidr->address != cidr->first() && cidr->address != cidr->last();
                      return good ? cidr : std::nullopt;
                    });
}

Form<ServiceUrl> service_url_form(bool kmip_too) {
  const std::string scheme = kmip_too ? "(https|kmip)" : "https";
  const std::string host = "(" + address_expression() + "|" + dns_expression + ")";
  return text<ServiceUrl>(kmip_too ? "https://HOST:PORT or kmip://HOST:PORT" : "https://HOST:PORT",
                          pattern("^" + scheme + "://" + host + ":[1-9][0-9]{0,4}$", 300),
                          [kmip_too](const std::string& value) { return parse_service_url(value, kmip_too); });
}

}  // namespace tenants
