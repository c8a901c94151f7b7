#include "cli/measure_cca.h"

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "measurement/realm_machine.h"

namespace cli {
namespace {

using measurement::RealmHash;

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

bool is_qemu(const MeasureCcaOptions& options) {
  if (options.vmm != "qemu" && options.vmm != "kvmtool") wanted("--vmm", "qemu or kvmtool", options.vmm);
  return options.vmm == "qemu";
}

RealmHash hash_of(const MeasureCcaOptions& options) {
  const std::string name = options.hash.value_or(is_qemu(options) ? "sha512" : "sha256");
  if (name == "sha256") return RealmHash::sha256;
  if (name == "sha512") return RealmHash::sha512;
  wanted("--hash", "sha256 or sha512", name);
}

/// The files of a Realm; a file not given is empty.
struct RealmFiles {
  std::string firmware, kernel, initrd, device_tree;
  explicit RealmFiles(const MeasureCcaOptions& options)
      : firmware(read(options.firmware)),
        kernel(read(options.kernel)),
        initrd(read(options.initrd)),
        device_tree(read(options.device_tree)) {}

 private:
  static std::string read(const std::optional<std::string>& path) { return path ? base::read_file(*path) : ""; }
};

measurement::RealmMachine machine_of(const MeasureCcaOptions& options, const RealmFiles& files) {
  measurement::RealmMachine machine;
  machine.host = {hash_of(options), options.ipa_bits,     options.breakpoints, options.watchpoints,
                  options.sve_bits, options.pmu_counters, options.pmu,         options.lpa2};
  machine.vcpus = options.vcpus;
  const auto memory = base::parse_size(options.memory);
  if (!memory) wanted("--memory", "a size such as 1GiB or 512MiB", options.memory);
  machine.memory = memory->bytes();
  machine.firmware = base::bytes_of(files.firmware);
  machine.kernel = base::bytes_of(files.kernel);
  machine.initrd = base::bytes_of(files.initrd);
  machine.command_line = options.command_line;
  machine.device_tree = base::bytes_of(files.device_tree);
  return machine;
}

/// A Realm that was measured.
struct CcaReport {
  std::string hash, tree;
  unsigned ipa_bits = 0;
  measurement::RealmMeasurement rim;
};

base::Json report_json(const MeasureCcaOptions& options, const CcaReport& report) {
  const base::Json assumed =
      base::Json::Object{{"vmm", options.vmm},  {"memory", options.memory},   {"vcpus", options.vcpus},
                         {"hash", report.hash}, {"ipaBits", report.ipa_bits}, {"deviceTree", report.tree}};
  return base::Json::Object{
      {"schema", "bulkhead.measurement/v1"}, {"tee", "cca"}, {"assumed", assumed}, {"rim", report.rim.hex()}};
}

void print_text(const MeasureCcaOptions& options, const CcaReport& report, Console& console) {
  console.out << coloured(console, "assumed", "1") << "\n  " << options.vmm << ", memory " << options.memory << ", "
              << options.vcpus << " vCPUs, " << report.hash << ", " << report.ipa_bits << " IPA bits, device tree "
              << report.tree << "\n"
              << coloured(console, "realm initial measurement", "1") << "\n  " << report.rim.hex() << "\n";
}

/// What a verifier should accept: the digest, without the zeros that fill the register.
measurement::ReferenceClaims claims_of(const CcaReport& report) {
  const std::size_t size = report.hash == "sha256" ? base::Sha256::size : report.rim.bytes.size();
  return measurement::claims_of(measurement::Platform::cca, "RIM", {report.rim.view().first(size)});
}

}  // namespace

int measure_cca(const MeasureCcaOptions& options, Console& console) {
  const RealmFiles files(options);
  const measurement::RealmMachine machine = machine_of(options, files);
  const measurement::PreparedRealm prepared =
      is_qemu(options) ? measurement::qemu_realm(machine) : measurement::kvmtool_realm(machine);
  const CcaReport report{machine.host.hash == RealmHash::sha256 ? "sha256" : "sha512",
                         options.device_tree ? "as given" : "generated", prepared.realm.parameters.ipa_bits,
                         measurement::realm_initial_measurement(prepared.realm)};
  write_output({[&](Console& to) { print_text(options, report, to); }, report_json(options, report), claims_of(report),
                std::nullopt},
               options.output, console);
  return 0;
}

}  // namespace cli
