#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace measurement {

/// What CPUID calls a processor.
struct CpuVersion {
  unsigned family = 0;    ///< 0 to 0x10e, "display" family: base plus extended
  unsigned model = 0;     ///< 0 to 0xff
  unsigned stepping = 0;  ///< 0 to 0xf
};

/// CPUID.1.EAX, which is in RDX of a vCPU at its reset. Source: AMD 24594 (APM volume 3), appendix E.
/// @throws base::Error{malformed} for a value out of range
std::uint32_t cpuid_signature(const CpuVersion& version);

/// A QEMU CPU model whose guests can be confidential; all its versions ("EPYC-Milan-v2") have one signature.
struct CpuModel {
  std::string_view name;
  unsigned versions = 0;  ///< the newest; 0: the name takes no "-vN"
  CpuVersion cpu;
};
/// Source: QEMU target/i386/cpu.c, builtin_x86_defs, up to QEMU 11.1.
std::span<const CpuModel> cpu_models() noexcept;

/// The signature of "EPYC-Milan" or "EPYC-Milan-v2".
/// @returns nullopt for a model whose signature is the host's (host, max) or not known
std::optional<std::uint32_t> cpuid_signature(std::string_view cpu_model);

/// The names of all models, for messages: "EPYC, EPYC-Rome, ..".
std::string cpu_model_names();

}  // namespace measurement
