#include "attestation/hardware_policy.h"

#include <array>

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view where = "hardware policy";
constexpr std::array products{"milan", "genoa", "turin"};

[[noreturn]] void fail(std::string_view key, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": " + what);
}

bool flag(const Json& json, std::string_view key, bool otherwise) {
  const Json* found = json.find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_bool()) fail(key, "wanted true or false");
  return found->boolean();
}

std::optional<base::Sha384> digest(const Json& json, std::string_view key) {
  if (json.find(key) == nullptr) return std::nullopt;
  const auto parsed = base::Sha384::parse(wire::text_member(json, key, where));
  if (!parsed) fail(key, "wanted 96 hexadecimal digits");
  return parsed;
}

std::set<std::string> texts(const Json& json, std::string_view key) {
  std::set<std::string> found;
  for (const Json& one : json.at(key).array()) found.insert(one.text());
  if (found.empty()) fail(key, "empty; leave it out to demand nothing");
  return found;
}

std::optional<std::uint8_t> level(const Json& json, std::string_view key) {
  const Json* found = json.find(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_integer() || found->integer() < 0 || found->integer() > 255) fail(key, "wanted 0 to 255");
  return static_cast<std::uint8_t>(found->integer());
}

std::map<std::string, LeastSnpTcb> parse_minimum_tcb(const Json& json) {
  std::map<std::string, LeastSnpTcb> all;
  base::expect_members(json, {"milan", "genoa", "turin"}, where);
  for (const char* product : products) {
    const Json* one = json.find(product);
    if (one == nullptr) continue;
    base::expect_members(*one, {"fmc", "bootloader", "tee", "snp", "microcode"}, where);
    all[product] = {level(*one, "fmc"), level(*one, "bootloader"), level(*one, "tee"), level(*one, "snp"),
                    level(*one, "microcode")};
  }
  return all;
}

Json minimum_tcb_json(const std::map<std::string, LeastSnpTcb>& all) {
  Json::Object products_json;
  for (const auto& [product, least] : all) {
    Json::Object one;
    const auto put = [&](const char* key, const std::optional<std::uint8_t>& value) {
      if (value) one[key] = static_cast<int>(*value);
    };
    put("fmc", least.fmc);
    put("bootloader", least.bootloader);
    put("tee", least.tee);
    put("snp", least.snp);
    put("microcode", least.microcode);
    products_json[product] = std::move(one);
  }
  return products_json;
}

Json texts_json(const std::set<std::string>& texts) {
  Json::Array all;
  for (const std::string& text : texts) all.emplace_back(text);
  return all;
}

}  // namespace

HardwarePolicy HardwarePolicy::parse(const Json& json) {
  if (!json.is_object()) throw base::Error(base::Kind::malformed, std::string(where) + ": wanted an object");
  base::expect_members(json,
                       {"debug", "migration", "smt", "chips", "vmpl", "minimumTcb", "provisionalFirmware", "mrOwner",
                        "mrOwnerConfig", "tcbStatuses"},
                       where);
  HardwarePolicy policy;
  policy.debug = flag(json, "debug", policy.debug);
  policy.migration = flag(json, "migration", policy.migration);
  policy.smt = flag(json, "smt", policy.smt);
  policy.provisional_firmware = flag(json, "provisionalFirmware", policy.provisional_firmware);
  policy.vmpl = level(json, "vmpl").value_or(0);
  if (policy.vmpl > 3) fail("vmpl", "wanted 0 to 3");
  policy.mr_owner = digest(json, "mrOwner");
  policy.mr_owner_config = digest(json, "mrOwnerConfig");
  if (json.find("chips") != nullptr) policy.chips = texts(json, "chips");
  if (json.find("tcbStatuses") != nullptr) policy.tcb_statuses = texts(json, "tcbStatuses");
  if (const Json* least = json.find("minimumTcb")) policy.minimum_tcb = parse_minimum_tcb(*least);
  return policy;
}

Json HardwarePolicy::json() const {
  const HardwarePolicy usual;
  Json::Object json;
  if (debug) json["debug"] = true;
  if (migration) json["migration"] = true;
  if (!smt) json["smt"] = false;
  if (!chips.empty()) json["chips"] = texts_json(chips);
  if (vmpl != 0) json["vmpl"] = vmpl;
  if (!minimum_tcb.empty()) json["minimumTcb"] = minimum_tcb_json(minimum_tcb);
  if (provisional_firmware) json["provisionalFirmware"] = true;
  if (mr_owner) json["mrOwner"] = mr_owner->hex();
  if (mr_owner_config) json["mrOwnerConfig"] = mr_owner_config->hex();
  if (tcb_statuses != usual.tcb_statuses) json["tcbStatuses"] = texts_json(tcb_statuses);
  return json;
}

}  // namespace attestation
