#include "base/byte_reader.h"

#include "base/encoding.h"
#include "base/error.h"

namespace base {

Bytes ByteReader::take(std::size_t count) {
  if (count > left()) fail("needs " + std::to_string(count) + " bytes, " + std::to_string(left()) + " left");
  const Bytes taken = bytes_.subspan(at_, count);
  at_ += count;
  return taken;
}

void ByteReader::expect_end() const {
  if (!done()) fail(std::to_string(left()) + " bytes left over, wanted the end");
}

void ByteReader::fail(const std::string& what) const {
  throw Error(Kind::malformed, name_ + "+" + hex_number(offset()) + ": " + what);
}

}  // namespace base
