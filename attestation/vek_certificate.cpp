#include "attestation/vek_certificate.h"

#include "base/error.h"

namespace attestation {
namespace {

constexpr std::uint8_t der_integer = 0x02, der_octet_string = 0x04, der_ia5_string = 0x16;
constexpr std::size_t longest_short_length = 0x7f;

[[noreturn]] void refuse(const std::string& oid, const std::string& what) {
  throw base::Error(base::Kind::malformed, "extension " + oid + ": " + what);
}

/// The extensions below AMD's arc.
class Extensions {
 public:
  explicit Extensions(const base::X509Certificate& certificate) : certificate_(certificate) {}

  static std::string oid(const char* suffix) { return std::string("1.3.6.1.4.1.3704.1.") + suffix; }

  [[nodiscard]] std::optional<base::Buffer> raw(const char* suffix) const {
    return certificate_.extension(oid(suffix));
  }

  /// The content of one DER value of this type that fills the extension.
  [[nodiscard]] base::Buffer value(const char* suffix, std::uint8_t type, const char* type_name) const {
    const auto bytes = raw(suffix);
    if (!bytes) refuse(oid(suffix), "is missing");
    if (bytes->size() < 2 || (*bytes)[0] != type || (*bytes)[1] > longest_short_length ||
        bytes->size() != 2U + (*bytes)[1])
      refuse(oid(suffix), std::string("wanted one DER ") + type_name + ", got " + base::hex(*bytes));
    return {bytes->begin() + 2, bytes->end()};
  }

  [[nodiscard]] std::string text(const char* suffix) const {
    return base::text_of(value(suffix, der_ia5_string, "IA5String"));
  }

  /// A number of 0 to 255, which takes two bytes from 128 on.
  [[nodiscard]] std::uint8_t number(const char* suffix) const {
    const base::Buffer bytes = value(suffix, der_integer, "INTEGER");
    const bool one = bytes.size() == 1 && bytes[0] < 0x80;
    const bool two = bytes.size() == 2 && bytes[0] == 0 && bytes[1] >= 0x80;
    if (!one && !two) refuse(oid(suffix), "wanted 0 to 255, got INTEGER " + base::hex(bytes));
    return bytes.back();
  }

 private:
  const base::X509Certificate& certificate_;
};

SnpTcb read_tcb(const Extensions& extensions) {
  SnpTcb tcb;
  tcb.bootloader = extensions.number("3.1");
  tcb.tee = extensions.number("3.2");
  tcb.snp = extensions.number("3.3");
  tcb.microcode = extensions.number("3.8");
  if (extensions.raw("3.9")) tcb.fmc = extensions.number("3.9");
  for (const char* reserved : {"3.4", "3.5", "3.6", "3.7"})
    if (extensions.raw(reserved) && extensions.number(reserved) != 0) tcb.reserved_clear = false;
  return tcb;
}

/// The bare bytes, or those of an OCTET STRING.
base::Buffer read_hardware_id(const Extensions& extensions, std::size_t size) {
  auto bytes = extensions.raw("4");
  if (!bytes) refuse(Extensions::oid("4"), "is missing");
  if (bytes->size() == size + 2 && (*bytes)[0] == der_octet_string && (*bytes)[1] == size)
    bytes->erase(bytes->begin(), bytes->begin() + 2);
  if (bytes->size() != size)
    refuse(Extensions::oid("4"),
           "wanted a chip id of " + std::to_string(size) + " bytes, got " + std::to_string(bytes->size()));
  return std::move(*bytes);
}

}  // namespace

std::optional<VekCertificate::Kind> vek_kind(const base::X509Certificate& certificate) {
  const std::string name = certificate.common_name();
  if (name == "SEV-VCEK") return VekCertificate::Kind::vcek;
  if (name == "SEV-VLEK") return VekCertificate::Kind::vlek;
  return std::nullopt;
}

VekCertificate read_vek_certificate(const base::X509Certificate& certificate) {
  constexpr std::size_t turin_id = 8, older_id = 64;
  const auto kind = vek_kind(certificate);
  if (!kind)
    throw base::Error(base::Kind::malformed, "subject " + certificate.subject() + ": wanted CN SEV-VCEK or SEV-VLEK");
  const Extensions extensions(certificate);
  VekCertificate vek;
  vek.kind = *kind;
  vek.structure_version = extensions.number("1");
  vek.product_text = extensions.text("2");
  const auto product = product_of_name(vek.product_text);
  if (!product)
    refuse(Extensions::oid("2"), "product '" + base::hex(base::bytes_of(vek.product_text)) + "' is unknown");
  vek.product = *product;
  vek.tcb = read_tcb(extensions);
  const bool has_fmc = vek.product != SnpProduct::milan && vek.product != SnpProduct::genoa;
  if (vek.tcb.fmc.has_value() != has_fmc)
    refuse(Extensions::oid("3.9"), has_fmc ? "is missing" : "this product has no FMC");
  if (vek.kind == VekCertificate::Kind::vcek)
    vek.hardware_id = read_hardware_id(extensions, has_fmc ? turin_id : older_id);
  else
    vek.provider = extensions.text("5");
  return vek;
}

}  // namespace attestation
