#include "measurement/td_quote.h"

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "measurement/td_quote_layout.h"

namespace measurement {
namespace td_layout {
namespace {

constexpr std::uint16_t sgx_version = 3;

bool take_descriptor(base::ByteReader& reader) {
  const auto body = reader.take<BodyDescriptor>();
  const std::uint16_t type = body.type.value();
  const std::uint32_t wanted = type == td_1_0 ? size_1_0 : type == td_1_5 ? size_1_5 : 0;
  if (wanted == 0) {
    reader.fail("body type " + std::to_string(type) + (type == 1 ? " (an SGX enclave)" : "") +
                ", wanted 2 (TDX 1.0) or 3 (TDX 1.5)");
  }
  if (body.size.value() != wanted)
    reader.fail("body of " + std::to_string(body.size.value()) + " bytes, wanted " + std::to_string(wanted));
  if (reader.left() < wanted)
    reader.fail("needs " + std::to_string(wanted) + " bytes, " + std::to_string(reader.left()) + " left");
  return type == td_1_5;
}

}  // namespace

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

Opening take_opening(base::ByteReader& reader) {
  Opening opening{reader.take<QuoteHeader>()};
  const std::uint16_t version = opening.header.version.value();
  if (version == sgx_version) reader.fail("version 3: an SGX quote, wanted a TDX quote of version 4 or 5");
  if (version != 4 && version != 5)
    reader.fail("version " + std::to_string(version) + ", wanted a TDX quote of version 4 or 5, or a TD report");
  const std::uint32_t type = opening.header.tee_type.value();
  if (type != tdx_type)
    reader.fail("TEE type " + base::hex_number(type) + (type == 0 ? " (SGX)" : "") + ", wanted 0x81 (TDX)");
  if (version == 5) opening.later = take_descriptor(reader);
  return opening;
}

}  // namespace td_layout

namespace {

using namespace td_layout;

constexpr std::size_t report_size = 1024;

struct Report {
  std::array<std::uint8_t, 256> mac_struct;
  std::array<std::uint8_t, 24> valid_and_svn;  // TEE_TCB_INFO up to MRSEAM
  Register mr_seam;
  std::array<std::uint8_t, 184> tcb_info_and_reserved;
  TdFields td;
  std::array<std::uint8_t, 112> rest;
};
static_assert(sizeof(Report) == report_size);

// REPORTTYPE says 0x81; reports of simulators have anything there, but no quote is as short.
bool is_report(base::Bytes bytes) {
  if (bytes.empty() || bytes.front() == tdx_type) return !bytes.empty();
  return bytes.size() == report_size && bytes.front() != 4 && bytes.front() != 5;
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
  (void)take_opening(reader);
  const auto body = reader.take<QuoteBody>();
  return registers_of(body.mr_seam, body.td);
}

}  // namespace measurement
