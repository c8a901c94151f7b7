#include "provisioner/initdata_text.h"

namespace provisioner {

using base::Json;

std::string initdata_text(const base::GuestId& guest, const GuestNetwork& network, const ServiceIntent& service) {
  const std::string url = "https://" + service.address + ":" + std::to_string(service.port);
  const Json json = Json::Object{
      {"schema", "bulkhead.initdata/v1"},
      {"tenant", guest.tenant.name},
      {"pool", base::name_of(guest.pool)},
      {"index", guest.index},
      {"network", Json::Object{{"mac", network.mac}, {"address", network.address}, {"gateway", network.gateway}}},
      {"attestation", Json::Object{{"url", url}, {"ca", service.ca}}},
      {"kms", Json()},
      {"time", Json()}};
  // A literal string of TOML: compact JSON has no line break and, in these members, no apostrophe.
  return "version = \"0.1.0\"\nalgorithm = \"sha256\"\n\n[data]\n\"bulkhead.json\" = '''" + json.compact() + "'''\n";
}

}  // namespace provisioner
