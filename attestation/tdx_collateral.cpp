#include "attestation/tdx_collateral.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/percent_encoding.h"

namespace attestation {
namespace {

[[noreturn]] void fail(std::string_view where, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + what);
}

/// One object of a collateral file, by the text of its members.
class Object {
 public:
  Object(std::string_view text, std::string where)
      : where_(std::move(where)), members_(base::json_members(text, where_)) {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const {
    const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.key == key; });
    if (found == members_.end() || found->value == "null") return std::nullopt;
    return found->value;
  }
  /// A member that is a string, or nothing when it is absent or empty.
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const {
    const std::optional<std::string_view> value = find(key);
    if (!value) return std::nullopt;
    const base::Json json = base::Json::parse(*value, path(key));
    if (!json.is_string()) fail(path(key), "wanted a string");
    if (json.text().empty()) return std::nullopt;
    return json.text();
  }
  [[nodiscard]] std::string path(std::string_view key) const { return where_ + ": " + std::string(key); }

 private:
  std::string where_;
  std::vector<base::JsonMemberText> members_;
};

std::array<std::uint8_t, 64> signature_of(const std::optional<std::string>& digits, const std::string& where) {
  const std::optional<base::Buffer> raw = digits ? base::from_hex(*digits) : std::nullopt;
  std::array<std::uint8_t, 64> signature{};
  if (!raw || raw->size() != signature.size()) fail(where, "wanted 128 hexadecimal digits");
  std::copy(raw->begin(), raw->end(), signature.begin());
  return signature;
}

void add_document(TdxCollateral& collateral, std::string body, const std::array<std::uint8_t, 64>& signature,
                  const std::string& where) {
  const Object members(body, where);
  const std::optional<std::string> id = members.text("id");
  if (!id) fail(members.path("id"), "missing");
  if (*id == "TDX") {
    TcbInfo info = parse_tcb_info(body);
    collateral.tcb_infos.push_back({std::move(body), signature, std::move(info)});
  } else if (*id == "TD_QE") {
    QeIdentity identity = parse_qe_identity(body);
    collateral.qe_identities.push_back({std::move(body), signature, std::move(identity)});
  }
}

/// An answer of the PCS; nothing when `text` is another object.
bool add_answer(TdxCollateral& collateral, std::string_view text, const std::string& where) {
  const Object answer(text, where);
  for (const char* key : {"tcbInfo", "enclaveIdentity"}) {
    if (const std::optional<std::string_view> body = answer.find(key)) {
      const auto signature = signature_of(answer.text("signature"), answer.path("signature"));
      add_document(collateral, std::string(*body), signature, answer.path(key));
      return true;
    }
  }
  return false;
}

void add_x509(TdxCollateral& collateral, base::Bytes bytes, const std::string& where) {
  base::X509Objects found = base::parse_x509(bytes, where);
  const auto move_to = [](auto& to, auto& from) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
  move_to(collateral.x509.certificates, found.certificates);
  move_to(collateral.x509.revocation_lists, found.revocation_lists);
}

void add_pem(TdxCollateral& collateral, std::string_view text, const std::string& where) {
  const bool encoded = text.find("%20") != std::string_view::npos;
  const std::string plain = encoded ? base::percent_decoded(text) : std::string(text);  // as in the PCS's headers
  add_x509(collateral, base::bytes_of(plain), where);
}

/// A CRL in a JSON string: hexadecimal or base64 of its DER, or PEM.
void add_crl(TdxCollateral& collateral, const std::optional<std::string>& text, const std::string& where) {
  if (!text) return;
  if (text->find("-----BEGIN") != std::string::npos) return add_pem(collateral, *text, where);
  std::optional<base::Buffer> der = base::from_hex(*text);
  if (!der) der = base::from_base64(*text);
  if (!der) fail(where, "wanted a CRL as hexadecimal, base64 or PEM");
  add_x509(collateral, *der, where);
}

/// A document in a bundle: its body as a string and its signature beside it, or a whole answer.
void add_bundled(TdxCollateral& collateral, const Object& bundle, std::string_view key) {
  const std::optional<std::string> text = bundle.text(key);
  if (!text) return;
  if (add_answer(collateral, *text, bundle.path(key))) return;
  const std::string signature = std::string(key) + "_signature";
  add_document(collateral, *text, signature_of(bundle.text(signature), bundle.path(signature)), bundle.path(key));
}

bool add_bundle(TdxCollateral& collateral, const Object& bundle) {
  if (!bundle.find("tcb_info") && !bundle.find("qe_identity")) return false;
  add_bundled(collateral, bundle, "tcb_info");
  add_bundled(collateral, bundle, "qe_identity");
  for (const char* key : {"root_ca_crl", "pck_crl"}) add_crl(collateral, bundle.text(key), bundle.path(key));
  for (const char* key :
       {"tcb_info_issuer_chain", "qe_identity_issuer_chain", "pck_crl_issuer_chain", "pck_certificate_chain"}) {
    if (const auto chain = bundle.text(key)) add_pem(collateral, *chain, bundle.path(key));
  }
  return true;
}

/// An answer inside the tool's file: a string, or an object that was written anew with other white space than Intel
/// signed; Intel's own text has none.
void add_stored_answer(TdxCollateral& collateral, const Object& object, std::string_view key) {
  const std::optional<std::string_view> value = object.find(key);
  if (!value) return;
  const std::string where = object.path(key);
  const std::string text = value->front() == '"' ? base::Json::parse(*value, where).text() : std::string(*value);
  if (text.empty()) return;
  if (!add_answer(collateral, base::without_white_space(text, where), where))
    fail(where, "wanted an answer of Intel's PCS");
}

/// PEM in strings, which may stand in objects: {"PROCESSOR": "..", "PLATFORM": ".."}.
void add_chains(TdxCollateral& collateral, std::string_view object, const std::string& where) {
  for (const auto& [key, value] : base::json_members(object, where)) {
    const std::string path = where + ": " + key;
    if (value.front() == '{') {
      add_chains(collateral, value, path);
      continue;
    }
    const base::Json chain = base::Json::parse(value, path);
    if (chain.is_string() && !chain.text().empty()) add_pem(collateral, chain.text(), path);
  }
}

bool add_client_tool_file(TdxCollateral& collateral, const Object& file) {
  const std::optional<std::string_view> text = file.find("collaterals");
  if (!text) return false;
  const Object all(*text, file.path("collaterals"));
  if (const auto infos = all.find("tcbinfos")) {
    for (const std::string_view element : base::json_elements(*infos, all.path("tcbinfos"))) {
      const Object info(element, all.path("tcbinfos"));
      for (const char* key : {"tdx_tcbinfo", "tdx_tcbinfo_early"}) add_stored_answer(collateral, info, key);
    }
  }
  for (const char* key : {"tdqeidentity", "tdqeidentity_early"}) add_stored_answer(collateral, all, key);
  if (const auto crls = all.find("pckcacrl")) {
    const Object both(*crls, all.path("pckcacrl"));
    for (const char* key : {"processorCrl", "platformCrl"}) add_crl(collateral, both.text(key), both.path(key));
  }
  add_crl(collateral, all.text("rootcacrl"), all.path("rootcacrl"));
  if (const auto chains = all.find("certificates")) add_chains(collateral, *chains, all.path("certificates"));
  return true;
}

}  // namespace

void add_tdx_collateral(TdxCollateral& collateral, base::Bytes file, std::string_view name) {
  const std::string where(name);
  const std::string text = base::text_of(file);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') {
    if (text.find("-----BEGIN%20") != std::string::npos) return add_pem(collateral, text, where);
    return add_x509(collateral, file, where);
  }
  const Object object(text, where);
  const bool known =
      add_answer(collateral, text, where) || add_bundle(collateral, object) || add_client_tool_file(collateral, object);
  if (!known) fail(where, "wanted an answer of Intel's PCS, a bundle, a PcsClientTool file, certificates or CRLs");
}

}  // namespace attestation
