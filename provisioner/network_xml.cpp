#include "provisioner/network_xml.h"

#include "base/encoding.h"

namespace provisioner {

std::string metadata_xml(const OwnerMark& mark, const std::string& extra) {
  return std::string("<bulkhead:owner xmlns:bulkhead='") + metadata_namespace + "' tenant='" +
         base::xml_escaped(mark.tenant.name) + "' digest='" + mark.digest.hex() + "'" + extra + "/>";
}

std::string network_xml(const std::string& name, const std::string& bridge, const OwnerMark& mark) {
  return "<network>\n  <name>" + base::xml_escaped(name) + "</name>\n  <metadata>" + metadata_xml(mark) +
         "</metadata>\n  <forward mode='bridge'/>\n  <bridge name='" + base::xml_escaped(bridge) + "'/>\n</network>\n";
}

std::string metadata_attribute(const std::string& xml, const std::string& attribute) {
  const std::size_t element = xml.find("<bulkhead:owner ");
  if (element == std::string::npos) return {};
  const std::size_t end = xml.find('>', element);
  for (const char quote : {'"', '\''}) {
    const std::string opening = " " + attribute + "=" + quote;
    const std::size_t start = xml.find(opening, element);
    if (start == std::string::npos || start > end) continue;
    const std::size_t from = start + opening.size();
    return xml.substr(from, xml.find(quote, from) - from);
  }
  return {};
}

std::optional<OwnerMark> metadata_mark(const std::string& xml) {
  if (metadata_attribute(xml, "xmlns:bulkhead") != metadata_namespace) return std::nullopt;
  return OwnerMark::parse("bulkhead/v1 tenant=" + metadata_attribute(xml, "tenant") +
                          " digest=" + metadata_attribute(xml, "digest"));
}

}  // namespace provisioner
