#include "cli/known_tables.h"

#include <map>
#include <memory>
#include <tuple>

#include "base/error.h"
#include "cli/fw_cfg_source.h"

namespace cli {
namespace {

using measurement::FwCfgFiles;
using measurement::LaunchCandidate;

/// A QEMU and what it answered. It is not asked for a shape twice, nor is what a search looks at kept on disk.
class AskedQemu {
 public:
  explicit AskedQemu(MachineOptions machine) : machine_(std::move(machine)) {}

  const FwCfgFiles& of(const LaunchCandidate& launch, base::Tee tee) {
    const Shape shape(launch.vcpus, launch.memory.count, launch.machine, tee);
    auto found = answers_.find(shape);
    if (found == answers_.end()) found = answers_.emplace(shape, ask(launch, tee)).first;
    if (!found->second.refusal.empty()) throw base::Error(base::Kind::host, found->second.refusal);
    return found->second.files;
  }

 private:
  struct Answer {
    FwCfgFiles files;
    std::string refusal;
  };
  [[nodiscard]] Answer ask(const LaunchCandidate& launch, base::Tee tee) const {
    MachineOptions asked = machine_;
    asked.vcpus = std::to_string(launch.vcpus);
    asked.memory = std::to_string(launch.memory.count) + "MiB";
    asked.machine = launch.machine;
    try {
      return {provisioner::read_qemu_tables(tables_request(asked, tee)).files, {}};
    } catch (const base::Error& error) {
      return {{}, error.what()};
    }
  }

  using Shape = std::tuple<unsigned, std::uint64_t, std::string, base::Tee>;
  MachineOptions machine_;
  std::map<Shape, Answer> answers_;
};

std::string name_of(const measurement::HypervisorVersion& version, const MachineOptions& machine) {
  return "of QEMU " + std::to_string(version.major) + "." + std::to_string(version.minor) +
         (machine.devices == "none" ? " without devices" : " with " + std::to_string(machine.disks) + " disks");
}

}  // namespace

TablesSource tables_source(const std::string& acpi, const MachineOptions& planned) {
  if (acpi != "qemu") {
    const auto files = std::make_shared<FwCfgFiles>(read_fw_cfg_folder(acpi));
    return {{"in " + acpi, [files](const LaunchCandidate&, base::Tee) -> const FwCfgFiles& { return *files; }, false},
            {}};
  }
  const measurement::HypervisorVersion version = installed_qemu_tables(planned, base::Tee::tdx).version;
  const auto qemu = std::make_shared<AskedQemu>(planned);
  return {
      {name_of(version, planned),
       [qemu](const LaunchCandidate& launch, base::Tee of) -> const FwCfgFiles& { return qemu->of(launch, of); }, true},
      version};
}

}  // namespace cli
