#include <algorithm>

#include "attestation/snp_certificate_table.h"
#include "attestation/wire/snp_evidence.h"
#include "attestation/wire/snp_report_fields.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

using snp_report::Place;

base::Json bytes_json(base::Bytes bytes) {
  base::Json::Array numbers;
  for (const std::uint8_t byte : bytes) numbers.emplace_back(static_cast<int>(byte));
  return numbers;
}

/// A report that is being taken apart.
class Fields {
 public:
  explicit Fields(base::Bytes report) : report_(report), version_(static_cast<std::uint32_t>(at(0, 4))) {
    const std::uint64_t family = at(snp_report::optional_numbers[0].offset, 1);
    with_fmc_ = version_ >= snp_report::first_with_cpuid &&
                family >= static_cast<std::uint64_t>(snp_report::first_family_with_fmc);
  }
  [[nodiscard]] base::Json bytes(const Place& place) const {
    return bytes_json(report_.subspan(place.offset, place.size));
  }
  [[nodiscard]] base::Json number(const Place& place) const {
    return version_ < place.since ? base::Json() : base::Json(static_cast<std::int64_t>(at(place.offset, place.size)));
  }
  [[nodiscard]] base::Json tcb(const Place& place) const {
    base::Json parts = base::Json::Object{{"fmc", with_fmc_ ? byte(place.offset) : base::Json()}};
    for (const snp_report::TcbPart& part : snp_report::tcb_parts)
      parts[part.name] = byte(place.offset + (with_fmc_ ? part.with_fmc : part.plain));
    return parts;
  }
  [[nodiscard]] base::Json version(const Place& place) const {
    base::Json parts = base::Json::Object{};
    std::size_t offset = place.offset;
    for (const char* part : snp_report::version_parts) parts[part] = byte(offset++);
    return parts;
  }

 private:
  [[nodiscard]] std::uint64_t at(std::size_t offset, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = (value << 8U) | report_[offset + i];
    return value;
  }
  [[nodiscard]] base::Json byte(std::size_t offset) const { return static_cast<int>(report_[offset]); }

  base::Bytes report_;
  std::uint32_t version_;
  bool with_fmc_ = false;
};

base::Json report_json(base::Bytes report) {
  const Fields fields(report);
  base::Json json = base::Json::Object{};
  for (const Place& place : snp_report::byte_fields) json[place.name] = fields.bytes(place);
  for (const Place& place : snp_report::numbers) json[place.name] = fields.number(place);
  for (const Place& place : snp_report::optional_numbers) json[place.name] = fields.number(place);
  for (const Place& place : snp_report::tcbs) json[place.name] = fields.tcb(place);
  for (const Place& place : snp_report::versions) json[place.name] = fields.version(place);
  for (const Place& place : snp_report::signature_numbers) json["signature"][place.name] = fields.bytes(place);
  return json;
}

/// Whether a verifier gets the same bytes back: a member has no place for what a later version keeps in reserved bytes.
bool tells_all(const base::Json& fields, base::Bytes report) {
  try {
    const SnpEvidence read = SnpEvidence::parse(base::Json::Object{{"attestation_report", fields}});
    return std::ranges::equal(read.report, report);
  } catch (const base::Error&) {  // a number above 63 bits
    return false;
  }
}

/// What the host put into the table, in its words: whoever reads it believes none of it.
base::Json chain_json(base::Bytes table) {
  if (table.empty()) return {};
  base::Json::Array chain;
  for (const SnpCertificateEntry& entry : read_snp_certificate_table(table)) {
    base::Json kind = entry.kind;
    if (entry.kind == entry.guid) kind = base::Json::Object{{"OTHER", entry.guid}};
    chain.emplace_back(base::Json::Object{{"cert_type", std::move(kind)}, {"data", bytes_json(entry.data)}});
  }
  return chain.empty() ? base::Json() : base::Json(std::move(chain));
}

}  // namespace

base::Json snp_evidence_json(base::Bytes report, base::Bytes certificate_table) {
  if (report.size() != snp_report::size)
    throw base::Error(base::Kind::malformed, "SNP report: got " + std::to_string(report.size()) + " bytes, wanted " +
                                                 std::to_string(snp_report::size));
  base::Json evidence = base::Json::Object{{"cert_chain", chain_json(certificate_table)}};
  base::Json fields = report_json(report);
  if (tells_all(fields, report))
    evidence["attestation_report"] = std::move(fields);
  else
    evidence["report"] = base::base64(report);
  return evidence;
}

}  // namespace attestation::wire
