#include "measurement/ccel_table.h"

#include <numeric>

#include "base/byte_reader.h"
#include "base/encoding.h"

namespace measurement {
namespace {

struct Layout {
  std::array<std::uint8_t, 4> signature;
  base::le32 length;
  std::uint8_t revision, checksum;
  std::array<std::uint8_t, 26> identification;
  std::uint8_t cc_type, cc_subtype;
  base::le16 reserved;
  base::le64 log_size, log_address;
};
static_assert(sizeof(Layout) == 56);

}  // namespace

bool is_ccel_table(base::Bytes bytes) noexcept {
  return bytes.size() >= 4 && bytes[0] == 'C' && bytes[1] == 'C' && bytes[2] == 'E' && bytes[3] == 'L';
}

CcelTable read_ccel_table(base::Bytes bytes) {
  base::ByteReader reader("CCEL table", bytes);
  const auto table = reader.take<Layout>();
  if (!is_ccel_table(bytes)) reader.fail("signature is not 'CCEL'");
  if (table.length.value() != sizeof(Layout))
    reader.fail("length is " + std::to_string(table.length.value()) + ", wanted 56");
  reader.expect_end();
  if (std::accumulate(bytes.begin(), bytes.end(), 0U) % 256 != 0) reader.fail("the bytes do not add up to 0");
  return {table.cc_type, table.log_size.value(), table.log_address.value()};
}

}  // namespace measurement
