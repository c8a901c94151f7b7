#pragma once
#include <functional>
#include <map>

#include "attestation/verify_tdx.h"
#include "base/crypto.h"
#include "base/ecdsa_signature.h"
#include "base/encoding.h"
#include "base/utc_time.h"
#include "tests/pki/openssl_vendor_pki.h"

/// A TDX platform with a PKI like Intel's, made by the tests: quotes, collateral, and each flaw a test wants in them.
namespace attestation::intel_platform {

inline constexpr std::int64_t now = 1'790'000'000;
inline constexpr std::int64_t day = 86'400;

inline base::Buffer der(std::uint8_t tag, const base::Buffer& content) {
  base::Buffer out{tag};
  if (content.size() >= 0x100)
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8U)});
  else if (content.size() >= 0x80)
    out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(content.size()));
  base::append(out, content);
  return out;
}
inline base::Buffer joined(std::initializer_list<base::Buffer> parts) {
  base::Buffer out;
  for (const base::Buffer& part : parts) base::append(out, part);
  return out;
}
inline base::Buffer integer(unsigned value, std::uint8_t tag = 0x02) {
  base::Buffer bytes{static_cast<std::uint8_t>(value)};
  if (value >= 0x80) bytes.insert(bytes.begin(), static_cast<std::uint8_t>(value >> 8U));
  return der(tag, bytes);
}
/// The pair (1.2.840.113741.1.13.1.PATH, value).
inline base::Buffer member(const base::Buffer& path, const base::Buffer& value) {
  base::Buffer oid{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
  base::append(oid, path);
  return der(0x30, joined({der(0x06, oid), value}));
}
inline base::Buffer octets(std::size_t size, std::uint8_t value) {
  return der(0x04, base::Buffer(size, value));
}

/// The SGX extension's value: 16 components of `component`, FMSPC 00 90 6e .. as given.
struct Extension {
  std::array<std::uint8_t, 16> components{3, 3, 2, 2, 4, 1, 0, 5};
  unsigned pce_svn = 13;
  std::uint8_t fmspc = 0x42;  ///< each of its six bytes

  [[nodiscard]] base::Buffer tcb() const {
    base::Buffer list;
    for (std::size_t i = 0; i < components.size(); ++i)
      base::append(list, member({2, static_cast<std::uint8_t>(i + 1)}, integer(components[i])));
    base::append(list, member({2, 17}, integer(pce_svn)));
    base::append(list, member({2, 18}, der(0x04, base::Buffer(components.begin(), components.end()))));
    return member({2}, der(0x30, list));
  }
  [[nodiscard]] base::Buffer value() const {
    const base::Buffer yes = der(0x01, {0xFF}), no = der(0x01, {0x00});
    return der(
        0x30, joined({member({1}, octets(16, 0x11)), tcb(), member({3}, octets(2, 0)), member({4}, octets(6, fmspc)),
                      member({5}, integer(1, 0x0A)), member({6}, octets(16, 0x66)),
                      member({7}, der(0x30, joined({member({7, 1}, yes), member({7, 2}, no), member({7, 3}, yes)})))}));
  }
};

/// Everything a test may bend.
struct Scenario {
  // The platform
  Extension extension;
  std::string pck_name = "Intel SGX PCK Certificate", ca_name = "Intel SGX PCK Platform CA";
  std::int64_t pck_from = now - 300 * day, pck_until = now + 300 * day;
  bool foreign_ca = false;  ///< the platform CA hangs under another root of the same name
  std::vector<std::int64_t> revoked_by_root, revoked_by_ca;
  std::int64_t lists_until = now + 10 * day;
  bool lists = true;
  // The quote
  std::uint16_t version = 4;
  measurement::TcbSvn tee_tcb_svn{5, 1, 3};
  std::optional<measurement::TcbSvn> current;  ///< a body of TDX 1.5, in version 5
  std::uint16_t qe_svn = 4, qe_product = 2;
  std::uint8_t qe_signer = 0xDC, qe_attribute = 0x11, seam_signer = 0;
  bool other_attestation_key = false;  ///< than the one the QE vouches for
  std::uint16_t certification_type = 5;
  std::map<std::size_t, base::Buffer> fields;  ///< of the body, by offset
  // Collateral
  std::string sgx_level = "[3,3,2,2,4,1,0,5,0,0,0,0,0,0,0,0]", tdx_level = "[5,0,3,0,0,0,0,0,0,0,0,0,0,0,0,0]";
  unsigned pce_level = 13;
  std::string level_status = "UpToDate", module_status = "UpToDate", qe_status = "UpToDate";
  unsigned module_level = 5, qe_level = 4;
  std::string more_levels, more_module_levels;  ///< after the first, each with a comma before it
  std::int64_t issued = now - 10 * day, next_update = now + 20 * day;
  unsigned evaluation_number = 18;
  std::function<void(std::string&)> forge_tcb_info = [](std::string&) {};  ///< after it was signed
};

inline std::string component_list(std::string svns) {
  std::string out = "[";
  for (std::size_t at = 1; at < svns.size();) {
    const std::size_t end = svns.find_first_of(",]", at);
    out += (at == 1 ? "" : ",") + std::string("{\"svn\":") + svns.substr(at, end - at) + "}";
    at = end + 1;
  }
  return out + "]";
}

inline std::string level(const std::string& sgx, const std::string& tdx, unsigned pce, const std::string& status) {
  return R"({"tcb":{"sgxtcbcomponents":)" + component_list(sgx) + R"(,"pcesvn":)" + std::to_string(pce) +
         R"(,"tdxtcbcomponents":)" + component_list(tdx) + R"(},"tcbDate":"2026-01-01T00:00:00Z","tcbStatus":")" +
         status + R"(","advisoryIDs":["INTEL-SA-00001"]})";
}
inline std::string svn_level(unsigned svn, const std::string& status, const std::string& advisory) {
  return R"({"tcb":{"isvsvn":)" + std::to_string(svn) + R"(},"tcbDate":"2026-01-01T00:00:00Z","tcbStatus":")" + status +
         R"(","advisoryIDs":[")" + advisory + R"("]})";
}
inline std::string edition(const Scenario& s) {
  return R"("issueDate":")" + base::utc_text(s.issued) + R"(","nextUpdate":")" + base::utc_text(s.next_update) +
         R"(","tcbEvaluationDataNumber":)" + std::to_string(s.evaluation_number);
}
inline const std::string module_signer = R"("mrsigner":")" + std::string(96, '0') +
                                         R"(","attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF")";

inline std::string tcb_info(const Scenario& s) {
  const std::string fmspc(1, static_cast<char>(s.extension.fmspc));
  std::string six;
  for (int i = 0; i < 6; ++i) six += base::hex(base::bytes_of(fmspc));
  return R"({"id":"TDX","version":3,)" + edition(s) + R"(,"fmspc":")" + six +
         R"(","pceId":"0000","tcbType":0,"tdxModule":{)" + module_signer +
         R"(},"tdxModuleIdentities":[{"id":"TDX_01",)" + module_signer + R"(,"tcbLevels":[)" +
         svn_level(s.module_level, s.module_status, "INTEL-SA-00002") + s.more_module_levels + R"(]}],"tcbLevels":[)" +
         level(s.sgx_level, s.tdx_level, s.pce_level, s.level_status) + s.more_levels + "]}";
}
inline std::string qe_identity(const Scenario& s) {
  return R"({"id":"TD_QE","version":2,)" + edition(s) +
         R"(,"miscselect":"00000000","miscselectMask":"FFFFFFFF","attributes":"11000000000000000000000000000000",)"
         R"("attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":")" +
         base::hex(base::Buffer(32, 0xDC)) + R"(","isvprodid":2,"tcbLevels":[)" +
         svn_level(s.qe_level, s.qe_status, "INTEL-SA-00003") + "]}";
}

/// The keys, made once: what differs between scenarios is what they sign.
struct Keys {
  vendor_pki::Key root = vendor_pki::make_key(vendor_pki::KeyType::p256), other_root = fresh(), ca = fresh(),
                  pck = fresh(), signer = fresh(), attestation = fresh(), other_attestation = fresh();
  static vendor_pki::Key fresh() { return vendor_pki::make_key(vendor_pki::KeyType::p256); }
};
inline const Keys& keys() {
  static const Keys all;
  return all;
}

enum Serial : std::int64_t { root_serial = 1, ca_serial, pck_serial, signer_serial };

/// A scenario come to life.
class Platform {
 public:
  explicit Platform(Scenario scenario = {})
      : scenario_(std::move(scenario)),
        root_(authority("Intel SGX Root CA", root_serial, keys().root, nullptr)),
        other_root_(authority("Intel SGX Root CA", root_serial, keys().other_root, nullptr)),
        ca_(authority(scenario_.ca_name, ca_serial, keys().ca, scenario_.foreign_ca ? &other_root_ : &root_)),
        pck_(vendor_pki::issue({.common_name = scenario_.pck_name,
                                .not_before = scenario_.pck_from,
                                .not_after = scenario_.pck_until,
                                .serial = pck_serial,
                                .extensions = {{sgx_extension_oid, scenario_.extension.value()}}},
                               keys().pck, &ca_)),
        signer_(vendor_pki::issue({.common_name = "Intel SGX TCB Signing",
                                   .not_before = now - 400 * day,
                                   .not_after = now + 400 * day,
                                   .serial = signer_serial},
                                  keys().signer, &root_)) {}

  [[nodiscard]] base::Buffer quote_bytes() const {
    base::Buffer bytes = signed_part();
    const base::Buffer signature = ecdsa(self(keys().attestation), bytes);
    base::Buffer authentication = signature;
    append_key(authentication, scenario_.other_attestation_key ? keys().other_attestation : keys().attestation);
    const base::Buffer certification = certification_data();
    put(authentication, 6, 2);
    put(authentication, certification.size(), 4);
    base::append(authentication, certification);
    put(bytes, authentication.size(), 4);
    base::append(bytes, authentication);
    return bytes;
  }

  [[nodiscard]] TdxCollateral collateral() const {
    TdxCollateral all;
    std::string info = tcb_info(scenario_);
    const std::string info_signature = base::hex(ecdsa(signer_, base::bytes_of(info)));
    scenario_.forge_tcb_info(info);
    const std::string identity = qe_identity(scenario_);
    add_text(all, R"({"tcbInfo":)" + info + R"(,"signature":")" + info_signature + "\"}");
    add_text(all, R"({"enclaveIdentity":)" + identity + R"(,"signature":")" +
                      base::hex(ecdsa(signer_, base::bytes_of(identity))) + "\"}");
    add_text(all, signer_.pem() + root_.pem());
    if (scenario_.certification_type != 5) add_text(all, pck_.pem() + ca_.pem());
    if (!scenario_.lists) return all;
    add(all, list(root_, scenario_.revoked_by_root));
    add(all, list(ca_, scenario_.revoked_by_ca));
    return all;
  }

  [[nodiscard]] TdxRequest request() const { return {.roots = {root_.certificate}, .time = now}; }
  [[nodiscard]] TdxVerification verify() const { return verify(request()); }
  [[nodiscard]] TdxVerification verify(const TdxRequest& request,
                                       const std::optional<base::Buffer>& report_data = std::nullopt) const {
    const measurement::TdQuote quote = measurement::parse_td_quote(quote_bytes());
    return verify_tdx(quote, judge_platform(quote, collateral(), request), report_data);
  }

 private:
  static vendor_pki::Identity authority(const std::string& name, std::int64_t serial, const vendor_pki::Key& key,
                                        const vendor_pki::Identity* issuer) {
    return vendor_pki::issue({.common_name = name,
                              .not_before = now - 1000 * day,
                              .not_after = now + 1000 * day,
                              .serial = serial,
                              .ca = true},
                             key, issuer);
  }
  static vendor_pki::Identity self(const vendor_pki::Key& key) {
    return vendor_pki::issue({.common_name = "a key", .not_before = now, .not_after = now}, key);
  }
  static base::Buffer ecdsa(const vendor_pki::Identity& signer, base::Bytes message) {
    return base::raw_ecdsa_signature(vendor_pki::sign(signer, message), 32);
  }
  static void put(base::Buffer& to, std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  static void append_key(base::Buffer& to, const vendor_pki::Key& key) {
    const base::EcdhKey::Point point = self(key).certificate.public_key().p256_point();
    base::append(to, point.x);
    base::append(to, point.y);
  }

  [[nodiscard]] base::Buffer signed_part() const {
    base::Buffer bytes;
    put(bytes, scenario_.version, 2);
    put(bytes, 2, 2);
    put(bytes, 0x81, 4);
    put(bytes, 0, 4);
    base::append(bytes, *base::from_hex("939a7233f79c4ca9940a0db3957f0607"));
    bytes.resize(48);
    if (scenario_.version == 5) {
      put(bytes, scenario_.current ? 3 : 2, 2);
      put(bytes, scenario_.current ? 648 : 584, 4);
    }
    const std::size_t body = bytes.size();
    base::append(bytes, scenario_.tee_tcb_svn);
    bytes.resize(body + 0x40);
    bytes.resize(body + 0x70, scenario_.seam_signer);
    bytes.resize(body + 0x208);
    bytes.resize(body + 0x248, 0x5A);  // REPORTDATA
    for (const auto& [at, value] : scenario_.fields) {
      std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(body + at));
    }
    if (scenario_.current) {
      base::append(bytes, *scenario_.current);
      bytes.resize(body + 0x288);
    }
    return bytes;
  }

  [[nodiscard]] base::Buffer qe_report() const {
    base::Buffer report(384);
    report[48] = scenario_.qe_attribute;
    std::fill_n(report.begin() + 128, 32, scenario_.qe_signer);
    report[256] = static_cast<std::uint8_t>(scenario_.qe_product);
    report[258] = static_cast<std::uint8_t>(scenario_.qe_svn);
    base::Buffer bound;
    append_key(bound, keys().attestation);
    base::append(bound, base::bytes_of("authentication"));
    std::ranges::copy(base::sha256(bound).bytes, report.begin() + 320);
    return report;
  }

  [[nodiscard]] base::Buffer certification_data() const {
    base::Buffer data = qe_report();
    base::append(data, ecdsa(pck_, qe_report()));
    put(data, 14, 2);
    base::append(data, base::bytes_of("authentication"));
    const std::string chain = pck_.pem() + ca_.pem() + root_.pem();
    const bool brings_chain = scenario_.certification_type == 5;
    put(data, scenario_.certification_type, 2);
    put(data, brings_chain ? chain.size() + 1 : 36, 4);
    if (brings_chain) base::append(data, base::bytes_of(chain));
    data.resize(data.size() + (brings_chain ? 1 : 36));
    return data;
  }

  [[nodiscard]] base::Buffer list(const vendor_pki::Identity& issuer, const std::vector<std::int64_t>& revoked) const {
    return base::buffer_of(
        vendor_pki::revoke({.this_update = now - 20 * day, .next_update = scenario_.lists_until, .revoked = revoked},
                           issuer, issuer)
            .der());
  }
  static void add(TdxCollateral& all, const base::Buffer& file) { add_tdx_collateral(all, file, "collateral"); }
  static void add_text(TdxCollateral& all, const std::string& text) {
    add_tdx_collateral(all, base::bytes_of(text), "collateral");
  }

  Scenario scenario_;
  vendor_pki::Identity root_, other_root_, ca_, pck_, signer_;
};

}  // namespace attestation::intel_platform
