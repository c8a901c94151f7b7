#include "attestation/snp_product.h"

#include <algorithm>
#include <array>

namespace attestation {
namespace {

struct Named {
  SnpProduct product;
  std::string_view name, lower_case;
};
constexpr std::array names{Named{SnpProduct::milan, "Milan", "milan"}, Named{SnpProduct::genoa, "Genoa", "genoa"},
                           Named{SnpProduct::turin, "Turin", "turin"}, Named{SnpProduct::venice, "Venice", "venice"}};

struct Models {
  unsigned family, first, last;
  SnpProduct product;
};
constexpr std::array models{Models{0x19, 0x00, 0x0f, SnpProduct::milan},  Models{0x19, 0x10, 0x1f, SnpProduct::genoa},
                            Models{0x19, 0xa0, 0xaf, SnpProduct::genoa},  Models{0x1a, 0x00, 0x11, SnpProduct::turin},
                            Models{0x1a, 0x50, 0x57, SnpProduct::venice}, Models{0x1a, 0x90, 0xaf, SnpProduct::venice},
                            Models{0x1a, 0xc0, 0xc7, SnpProduct::venice}};

std::uint8_t byte_of(std::uint64_t tcb, unsigned index) {
  return static_cast<std::uint8_t>(tcb >> (8U * index));
}

}  // namespace

std::string_view product_name(SnpProduct product) noexcept {
  return names[static_cast<std::size_t>(product)].name;
}

std::optional<SnpProduct> product_of_name(std::string_view name) {
  std::string lower_case(name.substr(0, name.find('-')));
  std::ranges::transform(lower_case, lower_case.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto* const found = std::ranges::find(names, lower_case, &Named::lower_case);
  if (found == names.end()) return std::nullopt;
  return found->product;
}

std::optional<SnpProduct> product_of_cpu(const measurement::CpuVersion& cpu) noexcept {
  for (const Models& range : models)
    if (cpu.family == range.family && cpu.model >= range.first && cpu.model <= range.last) return range.product;
  return std::nullopt;
}

SnpTcb split_tcb(std::uint64_t tcb, SnpProduct product) noexcept {
  SnpTcb parts;
  parts.microcode = byte_of(tcb, 7);
  if (product == SnpProduct::milan || product == SnpProduct::genoa) {
    parts.bootloader = byte_of(tcb, 0);
    parts.tee = byte_of(tcb, 1);
    parts.snp = byte_of(tcb, 6);
    parts.reserved_clear = (tcb & 0x0000'ffff'ffff'0000U) == 0;
    return parts;
  }
  parts.fmc = byte_of(tcb, 0);
  parts.bootloader = byte_of(tcb, 1);
  parts.tee = byte_of(tcb, 2);
  parts.snp = byte_of(tcb, 3);
  parts.reserved_clear = (tcb & 0x00ff'ffff'0000'0000U) == 0;
  return parts;
}

std::string tcb_text(const SnpTcb& tcb) {
  return (tcb.fmc ? "fmc " + std::to_string(*tcb.fmc) + ", " : std::string()) + "bootloader " +
         std::to_string(tcb.bootloader) + ", tee " + std::to_string(tcb.tee) + ", snp " + std::to_string(tcb.snp) +
         ", microcode " + std::to_string(tcb.microcode) + (tcb.reserved_clear ? "" : ", reserved bytes not zero");
}

base::Json tcb_json(const SnpTcb& tcb) {
  base::Json json{base::Json::Object{{"bootloader", unsigned{tcb.bootloader}},
                                     {"tee", unsigned{tcb.tee}},
                                     {"snp", unsigned{tcb.snp}},
                                     {"microcode", unsigned{tcb.microcode}}}};
  if (tcb.fmc) json["fmc"] = unsigned{*tcb.fmc};
  return json;
}

}  // namespace attestation
