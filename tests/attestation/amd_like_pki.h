#pragma once
#include <functional>

#include "attestation/verify_snp.h"
#include "base/ecdsa_p384.h"
#include "tests/pki/openssl_vendor_pki.h"

/// AMD's PKI and its firmware as the tests make them: roots, signing keys, reports of every product.
namespace attestation::amd_like {

inline constexpr std::int64_t now = 1'790'000'000, day = 86'400;
inline constexpr std::int64_t ask_serial = 65'537, asvk_serial = 65'793;

inline base::Buffer der_integer(unsigned value) {
  const auto byte = static_cast<std::uint8_t>(value);
  return value < 128 ? base::Buffer{2, 1, byte} : base::Buffer{2, 2, 0, byte};
}
inline base::Buffer der_text(const std::string& text) {
  base::Buffer der{0x16, static_cast<std::uint8_t>(text.size())};
  base::append(der, base::bytes_of(text));
  return der;
}

/// Keys take a while to make, so all tests share them.
struct Keys {
  vendor_pki::Key ark = vendor_pki::make_key(vendor_pki::KeyType::rsa),
                  ask = vendor_pki::make_key(vendor_pki::KeyType::rsa),
                  asvk = vendor_pki::make_key(vendor_pki::KeyType::rsa),
                  vek = vendor_pki::make_key(vendor_pki::KeyType::p384);
  static const Keys& shared() {
    static const Keys keys;
    return keys;
  }
};

inline vendor_pki::Request authority(const std::string& name, std::int64_t serial) {
  return {.common_name = name, .not_before = now - day, .not_after = now + day, .serial = serial, .ca = true};
}

/// One product's ARK, ASK and ASVK.
struct Vendor {
  SnpProduct product;
  vendor_pki::Identity ark, ask, asvk;
  SnpAnchors anchors;

  explicit Vendor(SnpProduct of, const Keys& keys = Keys::shared())
      : product(of),
        ark(issue(authority("ARK-" + name(), 65'536), keys.ark)),
        ask(issue(authority("SEV-" + name(), ask_serial), keys.ask, &ark)),
        asvk(issue(authority("SEV-VLEK-" + name(), asvk_serial), keys.asvk, &ark)),
        anchors{{{of, ark.certificate}}, {ask.certificate, asvk.certificate}} {}
  [[nodiscard]] std::string name() const { return std::string(product_name(product)); }
};

/// What a VCEK's or VLEK's certificate says.
struct VekRequest {
  VekCertificate::Kind kind = VekCertificate::Kind::vcek;
  std::string common_name;   ///< empty: the kind's
  std::string product_text;  ///< empty: the vendor's
  SnpTcb tcb{std::nullopt, 4, 1, 24, 219, true};
  base::Buffer hardware_id;
  std::int64_t not_before = now - day, not_after = now + day;
  std::vector<std::string> without;  ///< suffixes of extensions to leave out
};

inline base::Buffer chip_id(SnpProduct product) {
  base::Buffer id(product == SnpProduct::turin ? 8 : 64);
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(0xa0 + i);
  return id;
}

inline VekRequest vek_request(SnpProduct product, VekCertificate::Kind kind = VekCertificate::Kind::vcek) {
  VekRequest request{.kind = kind, .hardware_id = chip_id(product)};
  if (product == SnpProduct::turin) request.tcb.fmc = 7;
  return request;
}

inline vendor_pki::Identity make_vek(const Vendor& vendor, const VekRequest& request, const Keys& keys = Keys::shared(),
                                     const vendor_pki::Identity* issuer = nullptr) {
  const bool vcek = request.kind == VekCertificate::Kind::vcek;
  std::vector<vendor_pki::Extension> extensions;
  const auto add = [&](const std::string& suffix, const base::Buffer& value) {
    if (std::ranges::find(request.without, suffix) == request.without.end())
      extensions.push_back({"1.3.6.1.4.1.3704.1." + suffix, value});
  };
  add("1", der_integer(request.tcb.fmc ? 1 : 0));
  add("2", der_text(request.product_text.empty() ? vendor.name() + (vcek ? "-B0" : "") : request.product_text));
  if (request.tcb.fmc) add("3.9", der_integer(*request.tcb.fmc));
  add("3.1", der_integer(request.tcb.bootloader));
  add("3.2", der_integer(request.tcb.tee));
  add("3.3", der_integer(request.tcb.snp));
  add("3.8", der_integer(request.tcb.microcode));
  if (vcek)
    add("4", request.hardware_id);
  else
    add("5", der_text("CN=cloud.example"));
  const std::string name = !request.common_name.empty() ? request.common_name : vcek ? "SEV-VCEK" : "SEV-VLEK";
  return issue(
      {.common_name = name, .not_before = request.not_before, .not_after = request.not_after, .extensions = extensions},
      keys.vek,
      issuer != nullptr ? issuer
      : vcek            ? &vendor.ask
                        : &vendor.asvk);
}

inline void put(base::Buffer& bytes, std::size_t offset, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// TCB_VERSION of these parts.
inline std::uint64_t packed(const SnpTcb& tcb) {
  const auto at = [](std::uint8_t part, unsigned byte) { return std::uint64_t{part} << (8U * byte); };
  if (!tcb.fmc) return at(tcb.bootloader, 0) | at(tcb.tee, 1) | at(tcb.snp, 6) | at(tcb.microcode, 7);
  return at(*tcb.fmc, 0) | at(tcb.bootloader, 1) | at(tcb.tee, 2) | at(tcb.snp, 3) | at(tcb.microcode, 7);
}

/// A report without its signature, as the firmware of this product makes it.
inline base::Buffer unsigned_report(SnpProduct product, VekCertificate::Kind kind, std::uint32_t version) {
  base::Buffer report(measurement::snp_report_size);
  put(report, 0x00, version, 4);
  put(report, 0x08, 0x30000, 8);
  put(report, 0x34, 1, 4);
  put(report, 0x48, kind == VekCertificate::Kind::vlek ? 1U << 2U : 0, 4);
  for (std::size_t i = 0; i < 64; ++i) report[0x50 + i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 48; ++i) report[0x90 + i] = static_cast<std::uint8_t>(0x40 + i);
  for (const std::size_t tcb : {0x38U, 0x180U, 0x1e0U, 0x1f0U}) put(report, tcb, packed(vek_request(product).tcb), 8);
  if (version >= 3) {
    put(report, 0x188, product == SnpProduct::turin ? 0x1a : 0x19, 1);
    put(report, 0x189, product == SnpProduct::genoa ? 0x11 : 0x02, 1);
    put(report, 0x18a, 1, 1);
  }
  if (version >= 5) put(report, 0x200, 0x3, 8);
  const base::Buffer id = chip_id(product);
  std::ranges::copy(id, report.begin() + 0x1a0);
  return report;
}

inline void sign(base::Buffer& report, const vendor_pki::Identity& vek) {
  const base::P384Signature signature =
      base::p384_signature(vendor_pki::sign(vek, base::Bytes(report).first(measurement::snp_report_signed_size)));
  std::ranges::reverse_copy(signature.r, report.begin() + 0x2a0);
  std::ranges::reverse_copy(signature.s, report.begin() + 0x2e8);
}

}  // namespace attestation::amd_like
