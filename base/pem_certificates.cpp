#include "base/pem_certificates.h"

#include "base/encoding.h"
#include "base/error.h"

namespace base {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_mark = "-----END CERTIFICATE-----";

Buffer decoded_block(std::string_view lines, std::string_view name) {
  std::string text;
  for (const char c : lines) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') text += c;
  }
  std::optional<Buffer> der = from_base64(text);
  if (!der || der->empty()) throw Error(Kind::malformed, std::string(name) + ": a certificate block is not base64");
  return std::move(*der);
}

}  // namespace

std::vector<Buffer> certificates_in_pem(std::string_view pem, std::string_view name) {
  std::vector<Buffer> found;
  for (std::size_t at = pem.find(begin_mark); at != std::string_view::npos; at = pem.find(begin_mark, at)) {
    at += begin_mark.size();
    const std::size_t end = pem.find(end_mark, at);
    if (end == std::string_view::npos) throw Error(Kind::malformed, std::string(name) + ": a certificate has no end");
    found.push_back(decoded_block(pem.substr(at, end - at), name));
    at = end;
  }
  return found;
}

}  // namespace base
