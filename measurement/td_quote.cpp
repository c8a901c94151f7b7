#include "measurement/td_quote.h"

#include "base/byte_reader.h"
#include "base/encoding.h"

namespace measurement {
namespace {

using Register = std::array<std::uint8_t, 48>;
constexpr std::uint8_t tdx_type = 0x81;
constexpr std::size_t report_size = 1024;

// TDINFO_BASE, and the same fields of a quote's body from TDATTRIBUTES on.
struct TdFields {
  base::le64 attributes, xfam;
  Register mrtd, mr_config_id, mr_owner, mr_owner_config;
  std::array<Register, 4> rtmr;
};
static_assert(sizeof(TdFields) == 400);

struct QuoteHeader {
  base::le16 version, key_type;
  base::le32 tee_type;
  std::array<std::uint8_t, 40> rest;
};
static_assert(sizeof(QuoteHeader) == 48);

struct QuoteBody {  // TD quote body 1.0; 1.5 appends to it
  std::array<std::uint8_t, 16> tee_tcb_svn;
  Register mr_seam, mr_signer_seam;
  base::le64 seam_attributes;
  TdFields td;
  std::array<std::uint8_t, 64> report_data;
};
static_assert(sizeof(QuoteBody) == 584);

struct BodyDescriptor {  // version 5
  base::le16 type;
  base::le32 size;
};
static_assert(sizeof(BodyDescriptor) == 6);
constexpr std::uint16_t td_1_0 = 2, td_1_5 = 3;
constexpr std::uint32_t size_1_0 = 584, size_1_5 = 648;

struct Report {
  std::array<std::uint8_t, 256> mac_struct;
  std::array<std::uint8_t, 24> valid_and_svn;  // TEE_TCB_INFO up to MRSEAM
  Register mr_seam;
  std::array<std::uint8_t, 184> tcb_info_and_reserved;
  TdFields td;
  std::array<std::uint8_t, 112> rest;
};
static_assert(sizeof(Report) == report_size);

TdRegisters registers_of(const Register& mr_seam, const TdFields& td) {
  TdRegisters registers;
  registers.mr_seam.bytes = mr_seam;
  registers.attributes = td.attributes.value();
  registers.xfam = td.xfam.value();
  registers.mrtd.bytes = td.mrtd;
  registers.mr_config_id.bytes = td.mr_config_id;
  registers.mr_owner.bytes = td.mr_owner;
  registers.mr_owner_config.bytes = td.mr_owner_config;
  for (std::size_t i = 0; i < registers.rtmr.size(); ++i) registers.rtmr[i].bytes = td.rtmr[i];
  return registers;
}

// REPORTTYPE says 0x81; reports of simulators have anything there, but no quote is as short.
bool is_report(base::Bytes bytes) {
  if (bytes.empty() || bytes.front() == tdx_type) return !bytes.empty();
  return bytes.size() == report_size && bytes.front() != 4 && bytes.front() != 5;
}

void check_descriptor(base::ByteReader& reader) {
  const auto body = reader.take<BodyDescriptor>();
  const std::uint16_t type = body.type.value();
  const std::uint32_t wanted = type == td_1_0 ? size_1_0 : type == td_1_5 ? size_1_5 : 0;
  if (wanted == 0) reader.fail("body type " + std::to_string(type) + ", wanted 2 (TDX 1.0) or 3 (TDX 1.5)");
  if (body.size.value() != wanted)
    reader.fail("body of " + std::to_string(body.size.value()) + " bytes, wanted " + std::to_string(wanted));
  if (reader.left() < wanted)
    reader.fail("needs " + std::to_string(wanted) + " bytes, " + std::to_string(reader.left()) + " left");
}

}  // namespace

TdRegisters read_td_registers(base::Bytes quote_or_report) {
  if (is_report(quote_or_report)) {
    base::ByteReader reader("TD report", quote_or_report);
    const auto report = reader.take<Report>();
    reader.expect_end();
    return registers_of(report.mr_seam, report.td);
  }
  base::ByteReader reader("quote", quote_or_report);
  const auto header = reader.take<QuoteHeader>();
  const std::uint16_t version = header.version.value();
  if (version != 4 && version != 5)
    reader.fail("version " + std::to_string(version) + ", wanted a TDX quote of version 4 or 5, or a TD report");
  if (header.tee_type.value() != tdx_type)
    reader.fail("TEE type " + base::hex_number(header.tee_type.value()) + ", wanted 0x81 (TDX)");
  if (version == 5) check_descriptor(reader);
  const auto body = reader.take<QuoteBody>();
  return registers_of(body.mr_seam, body.td);
}

}  // namespace measurement
