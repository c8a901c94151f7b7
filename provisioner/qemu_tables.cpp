#include "provisioner/qemu_tables.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/byte_reader.h"
#include "base/error.h"
#include "provisioner/qemu_process.h"
#include "provisioner/scratch_tpm.h"
#include "provisioner/temporary_directory.h"

namespace provisioner {
namespace {

constexpr std::uint64_t scratch = 0x10000;      // no guest code runs, so any RAM will do
constexpr std::uint16_t boot_menu_item = 0x0e;  // QEMU include/standard-headers/linux/qemu_fw_cfg.h

/// A kernel of 8 KiB that says no more than that it is one: QEMU lists what it will boot, whatever the kernel is.
class PlaceholderKernel {
 public:
  PlaceholderKernel() : file_(::memfd_create("placeholder-kernel", MFD_CLOEXEC)) {
    base::Buffer image(8192);
    image[0x1f1] = 1;  // setup sectors beside the first; Linux Documentation/arch/x86/boot.rst
    const std::string_view magic = "HdrS";
    std::copy(magic.begin(), magic.end(), image.begin() + 0x202);
    image[0x206] = 0x0c;
    image[0x207] = 0x02;
    image[0x211] = 1;
    if (::write(file_, image.data(), image.size()) != static_cast<ssize_t>(image.size()))
      throw base::Error(base::Kind::host, "cannot make a file in memory");
  }
  PlaceholderKernel(const PlaceholderKernel&) = delete;
  PlaceholderKernel& operator=(const PlaceholderKernel&) = delete;
  ~PlaceholderKernel() { ::close(file_); }
  [[nodiscard]] int file() const { return file_; }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

std::optional<std::uint64_t> number_in(const FwCfgFiles& files, const char* name) {
  const auto found = files.find(name);
  if (found == files.end()) return std::nullopt;
  base::ByteReader reader(std::string("fw_cfg ") + name, found->second);
  const auto value = reader.take<std::uint64_t>();
  reader.expect_end();
  return value;
}

WindowInputs window_inputs(FwCfgReader& reader) {
  constexpr const char* const aperture = "opt/ovmf/X-PciMmio64Mb";
  FwCfgFiles files = reader.read_files({"etc/e820", "etc/reserved-memory-end", aperture});
  WindowInputs inputs;
  inputs.memory_map = files["etc/e820"];
  inputs.reserved_memory_end = number_in(files, "etc/reserved-memory-end");
  if (const auto found = files.find(aperture); found != files.end()) {
    const unsigned long long mib = std::strtoull(base::text_of(found->second).c_str(), nullptr, 0);
    if (mib != 0 && mib <= 0x1000000) inputs.aperture_mib = static_cast<std::uint32_t>(mib);
  }
  return inputs;
}

AddressWidth width_of_first_processor(QemuProcess& qemu) {
  const base::Json processors = qemu.command("query-cpus-fast");
  if (processors.array().empty()) throw base::Error(base::Kind::malformed, "QEMU: a machine without processors");
  const auto property = [&](const char* name) {
    base::Json which;
    which["path"] = processors.array().front().at("qom-path").text();
    which["property"] = name;
    return qemu.command("qom-get", which);
  };
  const std::int64_t bits = property("phys-bits").integer();
  if (bits < 32 || bits > 52)
    throw base::Error(base::Kind::malformed, "QEMU: phys-bits: got " + std::to_string(bits) + ", wanted 32 to 52");
  return {property("vendor").text(), static_cast<unsigned>(bits), property("pdpe1gb").boolean()};
}

measurement::HypervisorVersion version_of(QemuProcess& qemu) {
  const base::Json version = qemu.command("query-version").at("qemu");
  return {static_cast<unsigned>(version.at("major").integer()), static_cast<unsigned>(version.at("minor").integer())};
}

std::vector<std::string> arguments_of(const TablesRequest& request, const PlaceholderKernel& kernel,
                                      const std::optional<std::string>& tpm_socket) {
  std::vector<std::string> arguments = request.arguments;
  if (arguments.empty()) {
    arguments = guest_arguments(request.shape, "null", tpm_socket);
  } else {
    arguments.insert(arguments.end(), {"-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none"});
  }
  if (request.shape.direct_boot) arguments.insert(arguments.end(), {"-kernel", kernel.path()});
  arguments.push_back("-S");
  return arguments;
}

}  // namespace

TablesRequest tables_request(const std::string& program, const GuestShape& shape) {
  if (shape.machine != "q35" && !shape.machine.starts_with("pc-q35-"))
    throw base::Error(base::Kind::failure, "machine: got '" + shape.machine + "', wanted q35 or pc-q35-VERSION: " +
                                               "only their ACPI tables can be asked of QEMU");
  TablesRequest request{program, shape, std::nullopt, {}};
  if (shape.tee == base::Tee::tdx) request.width = {"GenuineIntel", 46, true};
  return request;
}

const std::vector<std::string>& measured_fw_cfg_files() {
  // Of QEMU's files those that some generation of OVMF measures, or that say where another one is.
  static const std::vector<std::string> names = {"bootorder",
                                                 "etc/acpi/rsdp",
                                                 "etc/acpi/tables",
                                                 "etc/boot-menu-wait",
                                                 "etc/e820",
                                                 "etc/extra-pci-roots",
                                                 "etc/reserved-memory-end",
                                                 "etc/smbios/smbios-anchor",
                                                 "etc/table-loader",
                                                 "etc/smbios/smbios-tables",
                                                 "etc/tpm/log",
                                                 "etc/vmgenid_guid",
                                                 "etc/hardware_errors",
                                                 "opt/ovmf/X-PciMmio64Mb",
                                                 "etc/hardware_errors_addr",
                                                 "etc/vmgenid_addr"};
  return names;
}

QemuTables read_qemu_tables(const TablesRequest& request) {
  const TemporaryDirectory directory;
  std::optional<ScratchTpm> tpm;
  if (request.arguments.empty() && request.shape.tee == base::Tee::emulated) tpm.emplace(directory.path(), "");
  const PlaceholderKernel kernel;
  QemuProcess::Options options;
  options.program = request.program;
  options.arguments = arguments_of(request, kernel, tpm ? std::optional(tpm->socket()) : std::nullopt);
  options.inherited = {kernel.file()};
  QemuProcess qemu(options);
  FwCfgReader reader(qemu.bus(), scratch);
  const AddressWidth width = request.width ? *request.width : width_of_first_processor(qemu);
  place_pci_ranges(qemu.bus(), pci_window_above_4g(width, window_inputs(reader)));
  QemuTables tables;
  tables.version = version_of(qemu);
  tables.files = reader.read_files(measured_fw_cfg_files());
  const base::Buffer menu = reader.read(boot_menu_item, 2);
  if (menu != base::Buffer{0, 0}) tables.files["BootMenu"] = menu;
  if (!tables.files.contains("etc/acpi/tables"))
    throw base::Error(base::Kind::malformed, "QEMU: this machine has no ACPI tables");
  return tables;
}

}  // namespace provisioner
