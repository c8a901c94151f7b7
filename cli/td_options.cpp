#include "cli/td_options.h"

#include "base/error.h"

namespace cli {
namespace {

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

}  // namespace

std::optional<measurement::HypervisorVersion> hypervisor_of(const TdOptions& options) {
  if (!options.qemu_version) return std::nullopt;
  const auto version = measurement::hypervisor_version(*options.qemu_version);
  if (!version) wanted("--qemu-version", "a version such as 10.2", *options.qemu_version);
  return version;
}

measurement::PageOrder page_order_of(const TdOptions& options) {
  if (options.page_order == "single-pass") return measurement::PageOrder::single_pass;
  if (options.page_order == "two-pass") return measurement::PageOrder::two_pass;
  wanted("--page-order", "single-pass or two-pass", options.page_order);
}

std::optional<measurement::FirmwareGeneration> generation_of(const TdOptions& options) {
  if (!options.generation) return std::nullopt;
  const auto generation = measurement::generation_of_release(*options.generation);
  if (!generation) wanted("--generation", "an edk2 stable release such as 202505", *options.generation);
  return generation;
}

std::optional<measurement::ProcessorId> processor_of(const TdOptions& options) {
  if (!options.processor_id) return std::nullopt;
  const auto id = measurement::processor_id(*options.processor_id);
  if (!id) wanted("--processor-id", "16 hexadecimal digits", *options.processor_id);
  return id;
}

}  // namespace cli
