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

}  // namespace

int measure_cca(const MeasureCcaOptions& options, Console& console) {
  const RealmFiles files(options);
  const measurement::RealmMachine machine = machine_of(options, files);
  const measurement::PreparedRealm prepared =
      is_qemu(options) ? measurement::qemu_realm(machine) : measurement::kvmtool_realm(machine);
  const std::string rim = measurement::realm_initial_measurement(prepared.realm).hex();
  const std::string hash = machine.host.hash == RealmHash::sha256 ? "sha256" : "sha512";
  const std::string tree = options.device_tree ? "as given" : "generated";
  if (options.json) {
    const base::Json assumed = base::Json::Object{{"vmm", options.vmm},
                                                  {"memory", options.memory},
                                                  {"vcpus", options.vcpus},
                                                  {"hash", hash},
                                                  {"ipaBits", prepared.realm.parameters.ipa_bits},
                                                  {"deviceTree", tree}};
    console.out << base::Json(
                       base::Json::Object{
                           {"schema", "bulkhead.measurement/v1"}, {"tee", "cca"}, {"assumed", assumed}, {"rim", rim}})
                       .pretty();
    return 0;
  }
  console.out << coloured(console, "assumed", "1") << "\n  " << options.vmm << ", memory " << options.memory << ", "
              << options.vcpus << " vCPUs, " << hash << ", " << prepared.realm.parameters.ipa_bits
              << " IPA bits, device tree " << tree << "\n"
              << coloured(console, "realm initial measurement", "1") << "\n  " << rim << "\n";
  return 0;
}

}  // namespace cli
