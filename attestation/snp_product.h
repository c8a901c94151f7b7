#pragma once
#include <optional>
#include <string_view>

#include "base/json.h"
#include "measurement/cpu_models.h"

namespace attestation {

/// Processors that make SNP reports. Bergamo and Siena are Genoa here, as in AMD's certificates. Venice is known by its
/// CPUID only, to be refused by name: AMD's root for it is not pinned.
enum class SnpProduct { milan, genoa, turin, venice };

/// "Milan", as in AMD's certificates.
std::string_view product_name(SnpProduct product) noexcept;
/// From a name of either case, with or without a stepping: "Milan-B0", "genoa". nullopt when it is none.
std::optional<SnpProduct> product_of_name(std::string_view name);
/// Source: AMD 56860 (SEV-SNP firmware ABI), ATTESTATION_REPORT, CPUID fields; AMD 57230 (VCEK and KDS), products.
std::optional<SnpProduct> product_of_cpu(const measurement::CpuVersion& cpu) noexcept;

/// The security versions of a TCB's parts.
struct SnpTcb {
  std::optional<std::uint8_t> fmc;  ///< Turin and later only
  std::uint8_t bootloader = 0, tee = 0, snp = 0, microcode = 0;
  bool reserved_clear = true;  ///< the other bytes are zero
  bool operator==(const SnpTcb&) const = default;
};

/// The parts of TCB_VERSION, whose order is the processor's.
/// Source: AMD 56860 (SEV-SNP firmware ABI), section 2.2, TCB_VERSION
SnpTcb split_tcb(std::uint64_t tcb, SnpProduct product) noexcept;
/// "bootloader 4, tee 0, snp 24, microcode 219", with "fmc 0, " before where there is one.
std::string tcb_text(const SnpTcb& tcb);
base::Json tcb_json(const SnpTcb& tcb);

}  // namespace attestation
