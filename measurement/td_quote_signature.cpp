#include <cstddef>

#include "base/byte_reader.h"
#include "measurement/td_quote.h"
#include "measurement/td_quote_layout.h"

namespace measurement {
namespace {

using namespace td_layout;

constexpr std::uint16_t ecdsa_p256 = 2;
constexpr std::uint16_t qe_report_certification = 6;

struct ReportLayout {  // REPORTBODY
  TcbSvn cpu_svn;
  std::array<std::uint8_t, 4> misc_select;
  std::array<std::uint8_t, 28> reserved_1;  // ISVEXTPRODID among it
  std::array<std::uint8_t, 16> attributes;
  std::array<std::uint8_t, 32> mr_enclave, reserved_2, mr_signer, reserved_3;
  std::array<std::uint8_t, 64> config_id;
  base::le16 isv_prod_id, isv_svn, config_svn;
  std::array<std::uint8_t, 58> reserved_4;  // ISVFAMILYID at its end
  std::array<std::uint8_t, 64> report_data;
};
static_assert(sizeof(ReportLayout) == 384);
static_assert(offsetof(ReportLayout, attributes) == 48 && offsetof(ReportLayout, mr_enclave) == 64 &&
              offsetof(ReportLayout, mr_signer) == 128 && offsetof(ReportLayout, isv_prod_id) == 256 &&
              offsetof(ReportLayout, report_data) == 320);

EnclaveReport enclave_report(const ReportLayout& layout) {
  return {.cpu_svn = layout.cpu_svn,
          .misc_select = layout.misc_select,
          .attributes = layout.attributes,
          .mr_enclave = layout.mr_enclave,
          .mr_signer = layout.mr_signer,
          .isv_prod_id = layout.isv_prod_id.value(),
          .isv_svn = layout.isv_svn.value(),
          .report_data = layout.report_data};
}

/// A reader over the next field, which is as long as a number of type Size before it says.
template <typename Size>
base::ByteReader sized(base::ByteReader& reader, const char* name) {
  const Size size = reader.take<Size>();
  if (size > reader.left()) {
    reader.fail(std::string(name) + " of " + std::to_string(size) + " bytes, " + std::to_string(reader.left()) +
                " left");
  }
  const std::size_t at = reader.offset();
  return {std::string("quote: ") + name, reader.take(size), at};
}

void take_body(base::ByteReader& reader, bool later, TdQuote& quote) {
  const auto body = reader.take<QuoteBody>();
  quote.tee_tcb_svn = body.tee_tcb_svn;
  quote.mr_signer_seam.bytes = body.mr_signer_seam;
  quote.seam_attributes = body.seam_attributes;
  quote.td = registers_of(body.mr_seam, body.td);
  quote.report_data = body.report_data;
  if (!later) return;
  const auto more = reader.take<LaterFields>();
  quote.later = TdQuote::Later{more.tee_tcb_svn, {more.mr_service_td}};
}

void take_certification(base::ByteReader& reader, TdQuote& quote) {
  const auto layout = reader.take<ReportLayout>();
  quote.qe_report = enclave_report(layout);
  quote.qe_report_bytes = base::buffer_of(base::layout_bytes(layout));
  quote.qe_report_signature = reader.take<std::array<std::uint8_t, 64>>();
  base::ByteReader data = sized<std::uint16_t>(reader, "QE authentication data");
  quote.qe_authentication_data = base::buffer_of(data.take(data.left()));
  quote.certification_type = reader.take<std::uint16_t>();
  if (quote.certification_type == 0 || quote.certification_type > pck_chain_certification) {
    reader.fail("certification data of type " + std::to_string(quote.certification_type) +
                " inside the QE report's, wanted 5 (a PCK certificate chain) or 1 to 4");
  }
  base::ByteReader certification = sized<std::uint32_t>(reader, "certification data");
  quote.certification_data = base::buffer_of(certification.take(certification.left()));
  reader.expect_end();
}

void take_authentication(base::ByteReader reader, TdQuote& quote) {
  quote.signature = reader.take<std::array<std::uint8_t, 64>>();
  quote.attestation_key = reader.take<std::array<std::uint8_t, 64>>();
  const auto type = reader.take<std::uint16_t>();
  if (type != qe_report_certification)
    reader.fail("certification data of type " + std::to_string(type) + ", wanted 6 (QE report)");
  base::ByteReader certification = sized<std::uint32_t>(reader, "QE report certification data");
  reader.expect_end();
  take_certification(certification, quote);
}

}  // namespace

TdQuote parse_td_quote(base::Bytes bytes) {
  base::ByteReader reader("quote", bytes);
  const Opening opening = take_opening(reader);
  if (const std::uint16_t type = opening.header.key_type.value(); type != ecdsa_p256)
    reader.fail("attestation key of type " + std::to_string(type) + ", wanted 2 (ECDSA P-256)");
  TdQuote quote;
  quote.version = opening.header.version.value();
  quote.qe_vendor = opening.header.qe_vendor;
  quote.user_data = opening.header.user_data;
  take_body(reader, opening.later, quote);
  quote.signed_bytes = base::buffer_of(bytes.first(reader.offset()));
  take_authentication(sized<std::uint32_t>(reader, "signature data"), quote);
  quote.trailing_bytes = reader.left();
  return quote;
}

}  // namespace measurement
