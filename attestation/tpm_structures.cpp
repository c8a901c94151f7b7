#include "attestation/tpm_structures.h"

#include "base/byte_reader.h"
#include "base/encoding.h"

namespace attestation {
namespace {

constexpr std::uint32_t tpm_generated_value = 0xFF544347;
constexpr std::uint16_t tpm_st_attest_quote = 0x8018;
constexpr std::uint16_t tpm_alg_rsassa = 0x0014;
constexpr std::uint32_t most_banks = 16;
constexpr std::size_t largest_select = 4;

template <typename T>
void expect_number(base::ByteReader& reader, const char* field, T wanted) {
  const T got = reader.take_big_endian<T>();
  if (got == wanted) return;
  reader.fail(std::string(field) + ": wanted " + base::hex_number(wanted) + ", got " + base::hex_number(got));
}

base::Buffer sized(base::ByteReader& reader) {
  return base::buffer_of(reader.take(reader.take_big_endian<std::uint16_t>()));
}

bool yes_no(base::ByteReader& reader, const char* field) {
  const auto value = reader.take<std::uint8_t>();
  if (value > 1) reader.fail(std::string(field) + ": wanted 0 or 1, got " + std::to_string(value));
  return value == 1;
}

std::vector<QuoteAttestation::Selection> parse_selections(base::ByteReader& reader) {
  const auto count = reader.take_big_endian<std::uint32_t>();
  if (count > most_banks) reader.fail("pcrSelect: " + std::to_string(count) + " banks, wanted at most 16");
  std::vector<QuoteAttestation::Selection> found;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto hash = reader.take_big_endian<std::uint16_t>();
    const auto size = reader.take<std::uint8_t>();
    if (size > largest_select) reader.fail("pcrSelect: sizeofSelect " + std::to_string(size) + ", wanted at most 4");
    found.push_back({hash, base::buffer_of(reader.take(size))});
  }
  return found;
}

}  // namespace

QuoteAttestation QuoteAttestation::parse(base::Bytes marshalled) {
  base::ByteReader reader("TPMS_ATTEST", marshalled);
  expect_number<std::uint32_t>(reader, "magic", tpm_generated_value);
  expect_number<std::uint16_t>(reader, "type", tpm_st_attest_quote);
  QuoteAttestation quote;
  quote.qualified_signer = sized(reader);
  quote.extra_data = sized(reader);
  quote.clock = reader.take_big_endian<std::uint64_t>();
  quote.reset_count = reader.take_big_endian<std::uint32_t>();
  quote.restart_count = reader.take_big_endian<std::uint32_t>();
  quote.clock_safe = yes_no(reader, "clockInfo.safe");
  quote.firmware_version = reader.take_big_endian<std::uint64_t>();
  quote.selections = parse_selections(reader);
  quote.pcr_digest = sized(reader);
  reader.expect_end();
  return quote;
}

base::Buffer parse_rsassa_sha256(base::Bytes marshalled) {
  base::ByteReader reader("TPMT_SIGNATURE", marshalled);
  expect_number<std::uint16_t>(reader, "sigAlg", tpm_alg_rsassa);
  expect_number<std::uint16_t>(reader, "hash", tpm_alg_sha256);
  base::Buffer signature = sized(reader);
  reader.expect_end();
  return signature;
}

}  // namespace attestation
