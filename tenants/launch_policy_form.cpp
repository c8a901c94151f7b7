#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

constexpr std::size_t turin_chip_digits = 16, ppid_digits = 32, chip_digits = 128;

Form<MinimumTcb> minimum_tcb_form(bool with_fmc) {
  const Form<unsigned> level = number_form<unsigned>(0, 255);
  std::vector<Field<MinimumTcb>> fields{optional("bootloader", &MinimumTcb::bootloader, level, "Boot loader."),
                                        optional("tee", &MinimumTcb::tee, level, "TEE operating system."),
                                        optional("snp", &MinimumTcb::snp, level, "SNP firmware."),
                                        optional("microcode", &MinimumTcb::microcode, level, "Microcode.")};
  if (with_fmc) fields.push_back(optional("fmc", &MinimumTcb::fmc, level, "FMC."));
  return object<MinimumTcb>(std::move(fields));
}

struct MinimumTcbs {
  std::optional<MinimumTcb> milan, genoa, turin;
};

Field<HardwareDemands> minimum_tcb_field() {
  const Form<MinimumTcb> four = minimum_tcb_form(false);
  const Form<MinimumTcbs> products =
      object<MinimumTcbs>({optional("milan", &MinimumTcbs::milan, four, "EPYC 7003."),
                           optional("genoa", &MinimumTcbs::genoa, four, "EPYC 9004."),
                           optional("turin", &MinimumTcbs::turin, minimum_tcb_form(true), "EPYC 9005.")});
  Field<HardwareDemands> field{
      "minimumTcb", false, products.schema,
      [products](HardwareDemands& demands, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
        if (const std::optional<MinimumTcbs> read = products.read(node, path, diagnostics)) {
          demands.milan = read->milan;
          demands.genoa = read->genoa;
          demands.turin = read->turin;
          demands.minimum_tcb_where = node.where;
        }
      }};
  field.schema["description"] =
      "The least firmware levels for each processor family; with one, families without are refused. `snp` only.";
  return field;
}

Form<std::string> chip_form() {
  base::Json::Object schema{{"pattern", "^([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{128})$"}};
  return text<std::string>(
      "16, 32 or 128 hexadecimal digits in lower case", std::move(schema),
      [](const std::string& got) -> std::optional<std::string> {
        const bool size = got.size() == turin_chip_digits || got.size() == ppid_digits || got.size() == chip_digits;
        return size && got.find_first_not_of("0123456789abcdef") == std::string::npos ? std::optional(got)
                                                                                      : std::nullopt;
      });
}

/// Intel's words for a platform that may be accepted at all; revoked ones never are.
Form<std::string> tcb_status_form() {
  std::vector<std::pair<std::string, std::string>> words;
  for (const char* word :
       {"UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate",
        "OutOfDateConfigurationNeeded", "TDRelaunchAdvised", "TDRelaunchAdvisedConfigurationNeeded"}) {
    words.emplace_back(word, word);
  }
  return choice<std::string>(std::move(words));
}

std::vector<Field<HardwareDemands>> hardware_fields() {
  using Demands = HardwareDemands;
  return {
      optional("smt", &Demands::smt_allowed, choice<bool>({{"allow", true}, {"forbid", false}}),
               "Whether hosts with SMT may run it."),
      optional("chips", &Demands::chips, list_of(located(chip_form()), 1, 4096),
               "The only processors that may run it: chip ids (`snp`), PPIDs or platform instance ids (`tdx`), in "
               "hexadecimal."),
      minimum_tcb_field(),
      optional("provisionalFirmware", &Demands::provisional_firmware, flag_form(),
               "Whether firmware that may still be rolled back is accepted; `snp` only."),
      optional("vmpl", &Demands::vmpl, number_form<unsigned>(0, 3), "The VMPL reports must be of; `snp` only."),
      optional("tcbStatuses", &Demands::tcb_statuses, list_of(located(tcb_status_form()), 1, 8),
               "What Intel may say of the platform's TCB, by default `UpToDate`; `tdx` only."),
  };
}

void refuse_for(base::Tee tee, const base::SourcePosition& where, const std::string& field,
                base::Diagnostics& diagnostics) {
  diagnostics.error(
      where, field + ": expected none because tee is " + base::name_of(tee) + ", whose evidence does not say it");
}

/// 16 bytes of an ID block, as digits or as a text that is filled with zeros.
Form<std::string> guest_identifier_form() {
  constexpr std::size_t size = 16;
  base::Json::Object schema{{"pattern", "^([0-9a-f]{32}|.{1,16})$"}};
  return text<std::string>(
      "32 hexadecimal digits in lower case, or a text of 1 to 16 bytes", std::move(schema),
      [](const std::string& got) -> std::optional<std::string> {
        const bool digits = got.size() == 2 * size && got.find_first_not_of("0123456789abcdef") == std::string::npos;
        const bool line = !got.empty() && got.size() <= size && got.find('\n') == std::string::npos;
        return digits || line ? std::optional(got) : std::nullopt;
      });
}

}  // namespace

void check_hardware(const HardwareDemands& demands, base::Tee tee, const std::string& path,
                    base::Diagnostics& diagnostics) {
  const bool snp = tee == base::Tee::snp, tdx = tee == base::Tee::tdx;
  if (!snp && demands.has_minimum_tcb()) refuse_for(tee, demands.minimum_tcb_where, path + ".minimumTcb", diagnostics);
  if (!snp && demands.provisional_firmware)
    refuse_for(tee, demands.provisional_firmware->where, path + ".provisionalFirmware", diagnostics);
  if (!snp && demands.vmpl) refuse_for(tee, demands.vmpl->where, path + ".vmpl", diagnostics);
  if (!tdx && !demands.tcb_statuses.empty())
    refuse_for(tee, demands.tcb_statuses.front().where, path + ".tcbStatuses", diagnostics);
  if (!snp && !tdx && !demands.chips.empty())
    refuse_for(tee, demands.chips.front().where, path + ".chips", diagnostics);
  for (const Located<std::string>& chip : demands.chips) {
    if ((!snp && !tdx) || (chip.value.size() == ppid_digits) == tdx) continue;
    diagnostics.error(chip.where, path + ".chips: expected " + (tdx ? "32" : "16 (Turin) or 128") +
                                      " hexadecimal digits because tee is " + base::name_of(tee) + ", got " +
                                      std::to_string(chip.value.size()));
  }
}

Form<HardwareDemands> pool_launch_policy_form() {
  return object<HardwareDemands>(hardware_fields());
}

Form<LaunchPolicy> launch_policy_form() {
  std::vector<Field<LaunchPolicy>> fields{
      optional("debug", &LaunchPolicy::debug, flag_form(),
               "Whether the operator may debug the guest; needs `consent.debug`."),
      optional("guestSvn", &LaunchPolicy::guest_svn, number_form<unsigned>(0, 4294967295U),
               "The image's security version, in the ID block."),
      optional("familyId", &LaunchPolicy::family_id, guest_identifier_form(),
               "The image's family, in the ID block: 32 hexadecimal digits, or a text of at most 16 bytes."),
      optional("imageId", &LaunchPolicy::image_id, guest_identifier_form(), "The image, in the ID block; likewise.")};
  for (Field<HardwareDemands>& field : hardware_fields())
    fields.push_back({field.key, field.required, field.schema, field.read});
  return object<LaunchPolicy>(std::move(fields));
}

}  // namespace tenants
