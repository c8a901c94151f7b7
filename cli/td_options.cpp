#include "cli/td_options.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace cli {
namespace {

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

}  // namespace

std::optional<measurement::HypervisorVersion> hypervisor_of(const TdOptions& options) {
  if (!options.qemu_version) return std::nullopt;
  const std::string& text = *options.qemu_version;
  measurement::HypervisorVersion version;
  const char* const end = text.data() + text.size();
  const auto [dot, bad_major] = std::from_chars(text.data(), end, version.major);
  if (bad_major != std::errc() || dot == end || *dot != '.') wanted("--qemu-version", "a version such as 10.2", text);
  const auto [rest, bad_minor] = std::from_chars(dot + 1, end, version.minor);
  if (bad_minor != std::errc() || (rest != end && *rest != '.'))
    wanted("--qemu-version", "a version such as 10.2", text);
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
  measurement::ProcessorId id;
  const auto bytes = base::from_hex(*options.processor_id);
  if (!bytes || bytes->size() != id.size()) wanted("--processor-id", "16 hexadecimal digits", *options.processor_id);
  std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

}  // namespace cli
