#include "attestation/wire/snp_evidence.h"

#include "attestation/wire/snp_report_fields.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

using snp_report::Place;

constexpr std::size_t most_certificates = 64;

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw base::Error(base::Kind::malformed, "snp evidence: " + name + ": " + what);
}

const base::Json& member(const base::Json& json, std::string_view name) {
  const base::Json* const value = json.find(name);
  if (value == nullptr) refuse(std::string(name), "is missing");
  return *value;
}

/// nullptr for null too.
const base::Json* optional_member(const base::Json& json, std::string_view name) {
  const base::Json* const value = json.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::uint64_t number(const base::Json& value, const std::string& name, std::size_t size) {
  const std::uint64_t most = size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
  if (!value.is_integer() || value.integer() < 0 || static_cast<std::uint64_t>(value.integer()) > most)
    refuse(name, "wanted a number of " + std::to_string(size) + " bytes");
  return static_cast<std::uint64_t>(value.integer());
}

base::Buffer byte_array(const base::Json& value, const std::string& name) {
  base::Buffer bytes;
  if (!value.is_array()) refuse(name, "wanted an array of bytes");
  for (const base::Json& byte : value.array()) bytes.push_back(static_cast<std::uint8_t>(number(byte, name, 1)));
  return bytes;
}

/// The report under construction.
class Report {
 public:
  void put(std::size_t offset, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  void put_bytes(const Place& place, const base::Json& json) {
    const base::Buffer value = byte_array(member(json, place.name), place.name);
    if (value.size() != place.size)
      refuse(place.name, "wanted " + std::to_string(place.size) + " bytes, got " + std::to_string(value.size()));
    std::copy(value.begin(), value.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(place.offset));
  }
  void put_tcb(const Place& place, const base::Json& tcb, bool with_fmc) {
    const base::Json* const fmc = optional_member(tcb, "fmc");
    if (with_fmc && fmc != nullptr) put(place.offset, number(*fmc, place.name, 1), 1);
    for (const snp_report::TcbPart& part : snp_report::tcb_parts)
      put(place.offset + (with_fmc ? part.with_fmc : part.plain), number(member(tcb, part.name), place.name, 1), 1);
  }
  base::Buffer take() && { return std::move(bytes_); }

 private:
  base::Buffer bytes_ = base::Buffer(snp_report::size);
};

bool has_fmc(const base::Json& report) {
  if (const base::Json* const family = optional_member(report, "cpuid_fam_id"))
    return family->is_integer() && family->integer() >= snp_report::first_family_with_fmc;
  return optional_member(member(report, "reported_tcb"), "fmc") != nullptr;
}

base::Buffer assembled(const base::Json& json) {
  Report report;
  for (const Place& place : snp_report::byte_fields) report.put_bytes(place, json);
  for (const Place& place : snp_report::numbers)
    report.put(place.offset, number(member(json, place.name), place.name, place.size), place.size);
  for (const Place& place : snp_report::optional_numbers)
    if (const base::Json* const value = optional_member(json, place.name))
      report.put(place.offset, number(*value, place.name, place.size), place.size);
  const bool with_fmc = has_fmc(json);
  for (const Place& place : snp_report::tcbs) report.put_tcb(place, member(json, place.name), with_fmc);
  for (const Place& place : snp_report::versions) {
    const base::Json& version = member(json, place.name);
    std::size_t at = place.offset;
    for (const char* part : snp_report::version_parts) report.put(at++, number(member(version, part), part, 1), 1);
  }
  for (const Place& place : snp_report::signature_numbers) report.put_bytes(place, member(json, "signature"));
  return std::move(report).take();
}

void add_certificates(const base::Json& chain, base::X509Objects& to) {
  if (!chain.is_array() || chain.array().size() > most_certificates)
    refuse("cert_chain", "wanted an array of at most 64 certificates");
  for (const base::Json& entry : chain.array()) {
    const base::Json& type = member(entry, "cert_type");
    if (!type.is_string() || type.text() == "Empty") continue;  // an object: {"OTHER": "uuid"}
    const base::Buffer data = byte_array(member(entry, "data"), "cert_chain");
    const base::X509Objects read = base::parse_x509(data, "snp evidence: cert_chain");
    to.certificates.insert(to.certificates.end(), read.certificates.begin(), read.certificates.end());
    to.revocation_lists.insert(to.revocation_lists.end(), read.revocation_lists.begin(), read.revocation_lists.end());
  }
}

base::Buffer report_of(const base::Json& json) {
  const base::Json* const whole = optional_member(json, "report");
  if (whole == nullptr) return assembled(member(json, "attestation_report"));
  const auto bytes = whole->is_string() ? base::from_base64(whole->text()) : std::nullopt;
  if (!bytes) refuse("report", "wanted base64");
  return *bytes;
}

}  // namespace

SnpEvidence SnpEvidence::parse(const base::Json& json) {
  if (!json.is_object()) refuse("evidence", "wanted an object");
  SnpEvidence evidence{report_of(json), {}};
  if (const base::Json* const chain = optional_member(json, "cert_chain")) add_certificates(*chain, evidence.brought);
  return evidence;
}

}  // namespace attestation::wire
