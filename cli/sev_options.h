#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/boot_files.h"
#include "cli/launch_report.h"

namespace CLI {
class App;
}

namespace cli {

/// What `measure snp`, `measure sev-es` and `measure sev` share.
struct SevOptions {
  BootFileOptions files;
  bool any_kernel = false;
  OutputOptions output;
  [[nodiscard]] BootFiles map() const {
    return map_boot_files(files, any_kernel ? KernelCheck::none : KernelCheck::other_formats);
  }
};
/// Adds --firmware, --kernel, --initrd, --cmdline, --any-kernel and those of OutputOptions.
void add_sev_options(CLI::App& verb, SevOptions& options);

/// The guest's virtual CPUs, as texts: numbers are read by flag_values.h.
struct VcpuOptions {
  std::string vcpus = "1";
  std::optional<std::string> cpu, cpu_signature;
  std::optional<std::string> cpu_family, cpu_model, cpu_stepping;
  std::optional<std::string> sev_features;
};
/// Adds --vcpus, --cpu, --cpu-sig, --cpu-family, --cpu-model, --cpu-stepping and --sev-features.
void add_vcpu_options(CLI::App& verb, VcpuOptions& options);

/// CPUID.1.EAX as --cpu, --cpu-sig or family, model and stepping say; nullopt when none of them was given.
/// @throws Error{usage} for a number that is none or a model whose signature is not known
std::optional<std::uint32_t> signature_of(const VcpuOptions& options);
/// @throws Error{usage} as signature_of() and when nothing was given
std::uint32_t required_signature_of(const VcpuOptions& options);
/// "--sev-features", else `otherwise`. @throws Error{usage}
std::uint64_t sev_features_of(const VcpuOptions& options, std::uint64_t otherwise);

/// What is hashed of the direct boot; nullopt without a kernel.
std::optional<measurement::KernelHashes> kernel_hashes_of(const SevOptions& options, const BootFiles& files);
/// The lines of a report about the CPU and about the kernel hashes, and what to know about the command line.
void assume_cpu(LaunchReport& report, const VcpuOptions& options, std::optional<std::uint32_t> signature);
void assume_kernel(LaunchReport& report, const SevOptions& options, const BootFiles& files);

}  // namespace cli
