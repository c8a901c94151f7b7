#pragma once
#include <gtest/gtest.h>

#include <map>

#include "base/crypto.h"
#include "measurement/candidate_boots.h"
#include "measurement/event_types.h"
#include "measurement/log_comparison.h"
#include "tests/measurement/pe_builder.h"
#include "tests/measurement/test_files.h"

namespace measurement {

/// A planned launch with Ubuntu's firmware of the shared vectors and two dumps of ACPI tables that tdx-measure
/// publishes registers for; the kernel is both a bzImage and an EFI program.
class KnownLaunch : public testing::Test {
 protected:
  void SetUp() override {
    const auto tdx = testing_files::vectors() / "tdx";
    firmware_ = testing_files::read(tdx / "firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd");
    if (firmware_.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
    files_ = {{{"OVMF.fd", firmware_, base::sha256(firmware_)}},
              {{"vmlinuz", kernel_, base::sha256(kernel_)}},
              {{"initrd", initrd_, base::sha256(initrd_)}},
              {dump("canonical-defaults"), dump("runtime-capture")}};
    planned_.launch.kernel = planned_.launch.initrd = planned_.launch.tables = 0;
    planned_.launch.command_line = "console=ttyS0 quiet";
    planned_.launch.memory = base::MiB{2048};
    planned_.launch.hypervisor = {10, 2};
  }

  static KnownTables dump(const std::string& name) {
    const auto path = testing_files::vectors() / "tdx/tdx-measure" / name / "acpi_tables.bin";
    const FwCfgFiles files{{std::string(acpi_tables_file), testing_files::read(path)}};
    const auto shared = std::make_shared<FwCfgFiles>(files);
    return {name, [shared](const LaunchCandidate&, base::Tee) -> const FwCfgFiles& { return *shared; }, false};
  }
  static base::Buffer kernel() {
    base::Buffer bytes = testing_pe::image({{".text", std::string(0x1000, 'k')}});
    testing_pe::put(bytes, 0x1f1, 1, 1);
    testing_pe::put(bytes, 0x1fe, 0xaa55, 2);
    testing_pe::put(bytes, 0x202, 0x53726448, 4);
    testing_pe::put(bytes, 0x206, 0x20f, 2);
    testing_pe::put(bytes, 0x236, 3, 2);
    testing_pe::put(bytes, 0x22c, 0x7fffffff, 4);
    return bytes;
  }

  /// The log of a launch as its firmware and kernel would write it.
  [[nodiscard]] EventLog log_of(const LaunchCandidate& launched, LogKind kind) const {
    static const std::map<std::string, std::uint32_t> types{
        {"EV_SEPARATOR", ev_separator},
        {"EV_EVENT_TAG", ev_event_tag},
        {"EV_PLATFORM_CONFIG_FLAGS", ev_platform_config_flags},
        {"EV_EFI_VARIABLE_DRIVER_CONFIG", ev_efi_variable_driver_config},
        {"EV_EFI_VARIABLE_BOOT", ev_efi_variable_boot},
        {"EV_EFI_BOOT_SERVICES_APPLICATION", ev_efi_boot_services_application},
        {"EV_EFI_ACTION", ev_efi_action},
        {"EV_EFI_PLATFORM_FIRMWARE_BLOB2", ev_efi_platform_firmware_blob2},
        {"EV_EFI_HANDOFF_TABLES2", ev_efi_handoff_tables2}};
    const bool td = kind == LogKind::cc;
    EventLog log{td ? std::vector<std::uint16_t>{0x0c} : std::vector<std::uint16_t>{0x0b, 0x0c}, {}};
    const Prediction boot = CandidateBoots(files_).predict(launched, td ? base::Tee::tdx : base::Tee::emulated);
    for (const BootEvent& event : boot.events)
      log.events.push_back(
          {event.pcr, types.at(event.type), td ? std::nullopt : std::optional(event.sha256), event.sha384, {}, 0});
    return log;
  }

  base::Buffer firmware_, kernel_ = kernel(), initrd_ = base::Buffer(5000, 7);
  KnownFiles files_;
  PlannedLaunch planned_{"acme/worker", {}};
};

}  // namespace measurement
