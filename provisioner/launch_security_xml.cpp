#include "provisioner/launch_security_xml.h"

#include "base/encoding.h"
#include "base/error.h"
#include "provisioner/xml_element.h"

namespace provisioner {
namespace {

using base::Tee;

void expect_size(const char* field, std::size_t got, std::size_t wanted, const std::string& whose) {
  if (got == wanted) return;
  throw base::Error(base::Kind::failure,
                    whose + ": " + field + " has " + std::to_string(got) + " bytes, wanted " + std::to_string(wanted));
}

void check(const LaunchSecurity& security, const std::string& whose) {
  const Tee tee = security.tee;
  if (security.host_data)
    expect_size(tee == Tee::tdx ? "MRCONFIGID" : "HOST_DATA", security.host_data->size(),
                tee == Tee::snp   ? 32
                : tee == Tee::tdx ? 48
                                  : 0,
                whose);
  if (!security.id_block) return;
  if (tee != Tee::snp) throw base::Error(base::Kind::failure, whose + ": an ID block is for tee 'snp' only");
  expect_size("ID block", security.id_block->block.size(), 96, whose);
  if (!security.id_block->authentication.empty())
    expect_size("ID authentication", security.id_block->authentication.size(), 4096, whose);
}

std::string binding(const LaunchSecurity& security, const char* name) {
  return security.host_data ? "    " + element(name, base::base64(*security.host_data)) + "\n" : "";
}

std::string owner_word(const char* name, const std::optional<base::Sha384>& word) {
  return word ? "    " + element(name, base::base64(word->view())) + "\n" : "";
}

// Source: libvirt formatdomain, "Launch Security": bit 0 of the policy is DEBUG of the TD's attributes, bit 28
// SEPT_VE_DISABLE; others are refused.
std::string tdx_xml(const LaunchSecurity& security) {
  constexpr std::uint64_t debug = 1, sept_ve_disable = 1ULL << 28U;
  return "  <launchSecurity type='tdx'>\n    " +
         element("policy", base::hex_number(sept_ve_disable | (security.td_debug ? debug : 0))) + "\n" +
         binding(security, "mrConfigId") + owner_word("mrOwner", security.mr_owner) +
         owner_word("mrOwnerConfig", security.mr_owner_config) +
         (security.quote_socket
              ? "    <quoteGenerationService path='" + base::xml_escaped(*security.quote_socket) + "'/>\n"
              : "") +
         "  </launchSecurity>\n";
}

std::string authentication(const std::string& base64) {
  return "    " + element("idAuth", base64) + "\n";
}

std::string snp_xml(const LaunchSecurity& security) {
  const bool author = security.id_block && security.id_block->author_key;
  std::string xml = std::string("  <launchSecurity type='sev-snp'") +
                    (security.kernel_hashes ? " kernelHashes='yes'" : "") + (author ? " authorKey='yes'" : "") +
                    " vcek='yes'>\n    " + element("policy", base::hex_number(security.snp_policy)) + "\n";
  if (security.id_block) {
    xml += "    " + element("idBlock", base::base64(security.id_block->block)) + "\n";
    if (!security.id_block->authentication.empty())
      xml += authentication(base::base64(security.id_block->authentication));
  }
  return xml + binding(security, "hostData") + "  </launchSecurity>\n";
}

}  // namespace

std::string with_id_authentication(const std::string& xml, const IdAuthentications& known) {
  constexpr std::string_view opening = "<idBlock>", closing = "</idBlock>\n";
  const std::size_t start = xml.find(opening);
  if (start == std::string::npos) return xml;
  const std::size_t end = xml.find(closing, start);
  const std::string block =
      end == std::string::npos ? "" : xml.substr(start + opening.size(), end - start - opening.size());
  const auto found = known.find(block);
  if (found == known.end())
    throw base::Error(base::Kind::failure, "the approval has no signature of the ID block the domain is launched with");
  return xml.substr(0, end + closing.size()) + authentication(found->second) + xml.substr(end + closing.size());
}

std::string launch_security_xml(const LaunchSecurity& security, const std::string& whose) {
  check(security, whose);
  switch (security.tee) {
    case Tee::snp:
      return snp_xml(security);
    case Tee::tdx:
      return tdx_xml(security);
    case Tee::emulated:
      break;
  }
  return {};
}

}  // namespace provisioner
