#include "cli/measure_igvm.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/flag_values.h"
#include "cli/id_block_report.h"
#include "measurement/igvm_id_block.h"
#include "measurement/igvm_measurement.h"

namespace cli {
namespace {

using base::Json;
using measurement::IgvmFile;
using measurement::IgvmMeasurement;
using measurement::IgvmPlatformType;
using measurement::ZeroPages;

constexpr std::array<std::pair<std::string_view, IgvmPlatformType>, 3> tees{
    {{"snp", IgvmPlatformType::snp}, {"sev-es", IgvmPlatformType::sev_es}, {"sev", IgvmPlatformType::sev}}};

std::string_view tee_name(IgvmPlatformType type) {
  for (const auto& [name, platform] : tees)
    if (platform == type) return name;
  return measurement::name_of(type);
}

measurement::IgvmLaunch launch_of(const MeasureIgvmOptions& options) {
  measurement::IgvmLaunch launch;
  for (const auto& [name, platform] : tees)
    if (options.tee == name) launch.tee = platform;
  launch.zero_pages = options.zero_pages == "native" ? ZeroPages::native : ZeroPages::normal;
  if (options.vcpus) launch.vcpus = static_cast<unsigned>(number_of("--vcpus", *options.vcpus, UINT32_MAX));
  launch.cpuid_signature = signature_of(options.cpu);
  return launch;
}

Json hex_or_null(const std::optional<base::Buffer>& digest) {
  return digest ? Json(base::hex(*digest)) : Json();
}

/// The digest --vmm asks for.
std::string headline(const MeasureIgvmOptions& options, const IgvmMeasurement& measured) {
  if (options.vmm != "qemu") return base::hex(measured.file);
  if (measured.qemu) return base::hex(*measured.qemu);
  throw base::Error(base::Kind::usage,
                    "--vmm qemu: " + measured.warnings.back() + "; give --cpu MODEL or --cpu-sig 0x..");
}

/// Adds what is to be said about the file's ID block. @returns its JSON
Json add_id_block(const measurement::IgvmIdBlock& found, const IgvmMeasurement& measured, LaunchReport& report) {
  const measurement::IdVerdict verdict = measurement::verify(found.block, found.authentication);
  std::vector<Assumption> lines = id_block_lines(found.block);
  for (Assumption& line : id_authentication_lines(found.authentication, &verdict)) lines.push_back(std::move(line));
  Json json = lines_json(lines);
  for (Assumption& line : lines) {
    line.label = "ID block: " + line.label;
    report.also.push_back(std::move(line));
  }
  const base::Buffer expected = base::buffer_of(found.block.launch_digest.view());
  const bool file = expected == measured.file;
  json["matches"] = Json::Object{{"file", file},
                                 {"qemuOrder", expected == measured.qemu_order},
                                 {"qemu", measured.qemu ? Json(expected == *measured.qemu) : Json()}};
  if (!file) report.warnings.emplace_back("the ID block expects another launch digest than the file order gives");
  if (measured.qemu && expected != *measured.qemu)
    report.warnings.emplace_back(
        "the ID block expects another launch digest than QEMU and KVM are predicted to launch: the launch would fail");
  if (!verdict.id_block_signed) report.warnings.emplace_back("the ID key's signature over the ID block is not genuine");
  if (!verdict.id_key_signed.value_or(true))
    report.warnings.emplace_back("the author key's signature over the ID key is not genuine");
  return json;
}

std::vector<Assumption> digest_lines(const IgvmMeasurement& measured) {
  return {{"file", "file order", base::hex(measured.file), {}},
          {"qemuOrder", "QEMU's order", base::hex(measured.qemu_order), {}},
          {"qemu", "QEMU and KVM", hex_or_null(measured.qemu), measured.qemu ? "" : "not known"}};
}

LaunchReport report_of(const MeasureIgvmOptions& options, const IgvmFile& file, const IgvmMeasurement& measured) {
  LaunchReport report;
  report.tee = tee_name(measured.platform.type);
  const bool qemu = options.vmm == "qemu";
  report.assumed.push_back({"vmm", "hypervisor", options.vmm,
                            qemu ? "qemu: QEMU 10.1 or later on KVM 6.11 or later"
                                 : "file: one that loads what the file says, in its order, as it says it"});
  report.assumed.push_back({"zeroPages", "pages without data", options.zero_pages, {}});
  report.assumed.push_back(
      {"vcpus", "vCPUs", std::int64_t{measured.vcpus}, std::to_string(measured.vcpus) + " (QEMU)"});
  const auto policy = file.policy(measured.platform.mask);
  report.assumed.push_back({"policy", "guest policy", policy ? Json(base::hex_number(*policy)) : Json(),
                            policy ? base::hex_number(*policy) + " (of the file)" : "none in the file"});
  report.launch_digest = headline(options, measured);
  report.policy = policy;
  report.warnings = measured.warnings;
  return report;
}

}  // namespace

int measure_igvm(const MeasureIgvmOptions& options, Console& console) {
  const base::MappedFile bytes(options.file);
  const IgvmFile file = measurement::parse_igvm(bytes.bytes());
  const IgvmMeasurement measured = measurement::measure_igvm(file, launch_of(options));
  LaunchReport report = report_of(options, file, measured);
  Json json = launch_report_json(report);
  json["launchDigests"] = lines_json(digest_lines(measured));
  json["idBlock"] = nullptr;
  report.also = digest_lines(measured);
  if (const auto id_block = measurement::igvm_id_block(file, measured.platform)) {
    report.guest_svn = id_block->block.guest_svn;
    json["idBlock"] = add_id_block(*id_block, measured, report);
  }
  json["warnings"] = Json::Array(report.warnings.begin(), report.warnings.end());
  write_output({[&](Console& to) { print_text(report, to); }, json, claims_of(report), std::nullopt}, options.output,
               console);
  return 0;
}

}  // namespace cli
