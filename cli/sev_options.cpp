#include "cli/sev_options.h"

#include "base/encoding.h"
#include "base/error.h"
#include "cli/flag_values.h"
#include "measurement/cpu_models.h"

namespace cli {
namespace {

std::uint32_t signature_of_model(const std::string& model) {
  if (const auto signature = measurement::cpuid_signature(model)) return *signature;
  throw base::Error(base::Kind::usage, "--cpu: got '" + model + "', wanted one of " + measurement::cpu_model_names() +
                                           " (with or without -vN); for host, max and others give CPUID.1.EAX of the "
                                           "guest's CPU with --cpu-sig");
}

std::uint32_t signature_of_version(const VcpuOptions& options) {
  if (!options.cpu_family || !options.cpu_model || !options.cpu_stepping)
    throw base::Error(base::Kind::usage, "--cpu-family, --cpu-model and --cpu-stepping: wanted all three");
  const auto number = [](const char* flag, const std::string& text, std::uint64_t most) {
    return static_cast<unsigned>(number_of(flag, text, most));
  };
  return measurement::cpuid_signature(measurement::CpuVersion{number("--cpu-family", *options.cpu_family, 0x10e),
                                                              number("--cpu-model", *options.cpu_model, 0xff),
                                                              number("--cpu-stepping", *options.cpu_stepping, 0xf)});
}

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

std::optional<std::uint32_t> signature_of(const VcpuOptions& options) {
  if (options.cpu) return signature_of_model(*options.cpu);
  if (options.cpu_signature)
    return static_cast<std::uint32_t>(number_of("--cpu-sig", *options.cpu_signature, UINT32_MAX));
  if (options.cpu_family || options.cpu_model || options.cpu_stepping) return signature_of_version(options);
  return std::nullopt;
}

std::uint32_t required_signature_of(const VcpuOptions& options) {
  if (const auto signature = signature_of(options)) return *signature;
  throw base::Error(base::Kind::usage,
                    "--cpu: the CPU's signature is measured, wanted --cpu MODEL (QEMU's name: EPYC-Milan) or "
                    "--cpu-sig 0x..");
}

std::uint64_t sev_features_of(const VcpuOptions& options, std::uint64_t otherwise) {
  return options.sev_features ? number_of("--sev-features", *options.sev_features, UINT64_MAX) : otherwise;
}

std::optional<measurement::KernelHashes> kernel_hashes_of(const SevOptions& options, const BootFiles& files) {
  if (!files.kernel) return std::nullopt;
  return measurement::BootImages(files.bytes()).kernel_hashes(options.files.command_line.value_or(""));
}

void assume_cpu(LaunchReport& report, const VcpuOptions& options, std::optional<std::uint32_t> signature) {
  const std::string number = signature ? base::hex_number(*signature) : "";
  report.assumed.push_back({"cpu", "CPU model", options.cpu ? base::Json(*options.cpu) : base::Json(),
                            options.cpu ? *options.cpu : "not given"});
  report.assumed.push_back({"cpuSignature", "CPU signature", signature ? base::Json(number) : base::Json(),
                            signature ? number + " (CPUID.1.EAX)" : "not needed"});
}

void assume_kernel(LaunchReport& report, const SevOptions& options, const BootFiles& files) {
  const bool kernel = options.files.kernel.has_value();
  report.assumed.push_back({"kernelHashes", "kernel hashes", kernel,
                            kernel ? "on: kernel, initrd and command line are measured" : "off: no kernel was given"});
  if (!kernel) {
    report.notes.emplace_back("the digest covers the firmware alone, not what it boots");
    return;
  }
  if (const auto problem = kernel_problem(files))
    report.notes.push_back("QEMU hashes this kernel but cannot start it: " + *problem);
  const std::string command_line = options.files.command_line.value_or("");
  report.assumed.push_back({"commandLine", "command line", command_line, base::Json(command_line).compact()});
  report.assumed.push_back({"initrd", "initrd", options.files.initrd.has_value(),
                            options.files.initrd ? "measured" : "none (the hash of nothing is measured)"});
  if (!command_line.empty() && (blank(command_line.front()) || blank(command_line.back())))
    report.notes.emplace_back(
        "the command line begins or ends with white space; QEMU hashes it as it is given, and so does this");
}

}  // namespace cli
