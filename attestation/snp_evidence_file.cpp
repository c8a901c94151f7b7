#include "attestation/snp_evidence_file.h"

#include <algorithm>

#include "attestation/hex_text.h"
#include "attestation/snp_certificate_table.h"
#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/snp_report.h"

namespace attestation {
namespace {

using measurement::snp_report_size;

struct ResponseHeader {
  base::le32 status, size;
  std::array<std::uint8_t, 24> reserved;
};
static_assert(sizeof(ResponseHeader) == 32);

bool all_zero(base::Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool blank(std::uint8_t c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Size and reserved bytes tell a response from a report, whose GUEST_SVN and POLICY stand there: a policy is never 0.
bool is_response(base::Bytes file) {
  if (file.size() < sizeof(ResponseHeader) || file.size() == snp_report_size) return false;
  const auto header = base::ByteReader("SNP report response", file).take<ResponseHeader>();
  return all_zero(header.reserved) && (header.size.value() == snp_report_size || header.status.value() != 0);
}

wire::SnpEvidence from_response(base::Bytes file) {
  base::ByteReader reader("SNP report response", file);
  const auto header = reader.take<ResponseHeader>();
  if (header.status.value() != 0)
    reader.fail("status " + base::hex_number(header.status.value()) + " of the firmware, wanted 0: there is no report");
  const base::Bytes report = reader.take(snp_report_size);
  if (!all_zero(reader.take(reader.left()))) reader.fail("bytes after the report that are not zero");
  return {base::buffer_of(report), {}};
}

wire::SnpEvidence from_json(base::Bytes file) {
  const base::Json whole = base::Json::parse(base::text_of(file), "SNP evidence");
  const base::Json* const sent = whole.find("tee-evidence");  // a whole attestation, as `evidence save` writes it
  const base::Json& json = sent == nullptr ? whole : *sent;
  const base::Json* const primary = json.find("primary_evidence");
  return wire::SnpEvidence::parse(primary == nullptr ? json : *primary);
}

}  // namespace

wire::SnpEvidence read_snp_evidence(base::Bytes file) {
  const auto first = std::ranges::find_if_not(file, blank);
  if (first != file.end() && *first == '{') return from_json(file);
  if (const auto decoded = from_hex_text(file)) return read_snp_evidence(*decoded);
  if (is_response(file)) return from_response(file);
  if (file.size() <= snp_report_size) return {base::buffer_of(file), {}};  // its parser says what is wrong
  const base::Bytes rest = file.subspan(snp_report_size);
  if (!is_snp_certificate_table(rest) && !all_zero(rest))
    throw base::Error(base::Kind::malformed, "SNP report+0x4a0: " + std::to_string(rest.size()) +
                                                 " bytes after the report, wanted none, zeros or a certificate table");
  wire::SnpEvidence evidence{base::buffer_of(file.first(snp_report_size)), {}};
  if (!all_zero(rest)) evidence.brought = snp_table_objects(rest);
  return evidence;
}

}  // namespace attestation
