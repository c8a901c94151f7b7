#pragma once
#include <optional>
#include <string>

#include "measurement/firmware_profile.h"
#include "measurement/launch_configuration.h"

namespace CLI {
class App;
}

namespace cli {

/// What a TD's registers depend on beside its files and its shape, as texts.
struct TdOptions {
  std::optional<std::string> qemu_version;  ///< "10.2"
  std::string page_order = "single-pass";
  std::optional<std::string> generation;    ///< an edk2 stable release: "202505"
  std::optional<std::string> processor_id;  ///< 16 hexadecimal digits
};
/// Adds --qemu-version, --page-order, --generation and --processor-id.
void add_td_options(CLI::App& verb, TdOptions& options);

/// The values; nullopt for what was not given. @throws Error{usage} naming the flag that makes no sense
/// @{
std::optional<measurement::HypervisorVersion> hypervisor_of(const TdOptions& options);
measurement::PageOrder page_order_of(const TdOptions& options);
std::optional<measurement::FirmwareGeneration> generation_of(const TdOptions& options);
std::optional<measurement::ProcessorId> processor_of(const TdOptions& options);
/// @}

}  // namespace cli
