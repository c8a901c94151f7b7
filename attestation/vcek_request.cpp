#include "attestation/vcek_request.h"

#include "base/encoding.h"

namespace attestation {
namespace {

std::string base_url(SnpProduct product) {
  return "https://kdsintf.amd.com/vcek/v1/" + std::string(product_name(product)) + "/";
}

std::string two_digits(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

std::string vcek_url(SnpProduct product, base::Bytes chip_id, const SnpTcb& tcb) {
  constexpr std::size_t turin_size = 8;
  const base::Bytes asked = tcb.fmc ? chip_id.first(turin_size) : chip_id;
  return base_url(product) + base::hex(asked) + "?" + (tcb.fmc ? "fmcSPL=" + two_digits(*tcb.fmc) + "&" : "") +
         "blSPL=" + two_digits(tcb.bootloader) + "&teeSPL=" + two_digits(tcb.tee) + "&snpSPL=" + two_digits(tcb.snp) +
         "&ucodeSPL=" + two_digits(tcb.microcode);
}

std::string revocation_list_url(SnpProduct product) {
  return base_url(product) + "crl";
}

}  // namespace attestation
