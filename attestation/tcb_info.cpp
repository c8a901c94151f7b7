#include "attestation/tcb_info.h"

#include "attestation/pcs_members.h"
#include "attestation/printable.h"

namespace attestation {
namespace {

using pcs::Members;

constexpr std::int64_t tcb_info_version = 3, qe_identity_version = 2;
constexpr std::int64_t largest_component = 0xFF, largest_svn = 0xFFFF;

/// A document says what it is first; nothing else in it means anything if that is another.
void expect_kind(const Members& document, std::string_view id, std::int64_t version) {
  if (document.text("id") != id)
    document.fail("id", "got '" + printable(document.text("id")) + "', wanted '" + std::string(id) + "'");
  if (const std::int64_t got = document.number("version", largest_svn); got != version)
    document.fail("version", "got " + std::to_string(got) + ", wanted " + std::to_string(version));
}

TdxModuleSigner module_signer(const Members& module) {
  return {base::Sha384::from(module.hex("mrsigner", base::Sha384::size)), module.bytes<8>("attributes"),
          module.bytes<8>("attributesMask")};
}

std::array<std::uint8_t, 16> component_svns(const Members& tcb, std::string_view key) {
  const std::vector<Members> components = tcb.objects(key);
  std::array<std::uint8_t, 16> svns{};
  if (components.size() != svns.size()) tcb.fail(key, "wanted 16 components");
  for (std::size_t i = 0; i < svns.size(); ++i)
    svns[i] = static_cast<std::uint8_t>(components[i].number("svn", largest_component));
  return svns;
}

TcbLevel tcb_level(const Members& level) {
  const Members tcb = level.object("tcb");
  return {component_svns(tcb, "sgxtcbcomponents"), static_cast<std::uint16_t>(tcb.number("pcesvn", largest_svn)),
          component_svns(tcb, "tdxtcbcomponents"), level.judgement()};
}

}  // namespace

TcbInfo parse_tcb_info(std::string_view body) {
  const base::Json json = base::Json::parse(body, "TCB info");
  const Members document(json, "TCB info");
  expect_kind(document, "TDX", tcb_info_version);
  TcbInfo info{.edition = document.edition(),
               .fmspc = document.bytes<6>("fmspc"),
               .pce_id = document.bytes<2>("pceId"),
               .module = module_signer(document.object("tdxModule")),
               .module_identities = {},
               .levels = {}};
  for (const Members& module : document.objects("tdxModuleIdentities"))
    info.module_identities.push_back({module.text("id"), module_signer(module), module.isv_svn_levels()});
  for (const Members& level : document.objects("tcbLevels")) info.levels.push_back(tcb_level(level));
  if (info.levels.empty()) document.fail("tcbLevels", "wanted at least one");
  return info;
}

QeIdentity parse_qe_identity(std::string_view body) {
  const base::Json json = base::Json::parse(body, "QE identity");
  const Members document(json, "QE identity");
  expect_kind(document, "TD_QE", qe_identity_version);
  return {.edition = document.edition(),
          .misc_select = document.bytes<4>("miscselect"),
          .misc_select_mask = document.bytes<4>("miscselectMask"),
          .attributes = document.bytes<16>("attributes"),
          .attributes_mask = document.bytes<16>("attributesMask"),
          .mr_signer = document.bytes<32>("mrsigner"),
          .isv_prod_id = static_cast<std::uint16_t>(document.number("isvprodid", largest_svn)),
          .levels = document.isv_svn_levels()};
}

}  // namespace attestation
