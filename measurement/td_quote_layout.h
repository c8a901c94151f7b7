#pragma once
#include "base/byte_reader.h"
#include "measurement/td_quote.h"

/// The layouts of TDX quotes, for the td_quote*.cpp files. Sources: td_quote.h.
namespace measurement::td_layout {

using Register = std::array<std::uint8_t, 48>;
inline constexpr std::uint8_t tdx_type = 0x81;

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
  base::le16 qe_svn, pce_svn;  // reserved where the certification data tells both
  std::array<std::uint8_t, 16> qe_vendor;
  std::array<std::uint8_t, 20> user_data;
};
static_assert(sizeof(QuoteHeader) == 48);

struct BodyDescriptor {  // version 5
  base::le16 type;
  base::le32 size;
};
static_assert(sizeof(BodyDescriptor) == 6);
inline constexpr std::uint16_t td_1_0 = 2, td_1_5 = 3;
inline constexpr std::uint32_t size_1_0 = 584, size_1_5 = 648;

struct QuoteBody {  // TD quote body 1.0; 1.5 appends to it
  TcbSvn tee_tcb_svn;
  Register mr_seam, mr_signer_seam;
  std::array<std::uint8_t, 8> seam_attributes;
  TdFields td;
  std::array<std::uint8_t, 64> report_data;
};
static_assert(sizeof(QuoteBody) == size_1_0);

struct LaterFields {
  TcbSvn tee_tcb_svn;
  Register mr_service_td;
};
static_assert(sizeof(QuoteBody) + sizeof(LaterFields) == size_1_5);

TdRegisters registers_of(const Register& mr_seam, const TdFields& td);

/// A quote's header and which body follows it.
struct Opening {
  QuoteHeader header;
  bool later = false;  ///< a body of TDX 1.5
};
/// @throws base::Error{malformed} for what is no TDX quote
Opening take_opening(base::ByteReader& reader);

}  // namespace measurement::td_layout
