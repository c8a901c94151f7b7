#include "base/der_writer.h"

namespace base {

Buffer der_element(DerTag tag, Bytes content) {
  Buffer out{static_cast<std::uint8_t>(tag)};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    std::size_t count = 1;
    while (count < sizeof(std::size_t) && content.size() >> (8 * count) != 0) ++count;
    out.push_back(static_cast<std::uint8_t>(0x80U | count));
    for (std::size_t i = count; i-- > 0;) out.push_back(static_cast<std::uint8_t>(content.size() >> (8 * i)));
  }
  append(out, content);
  return out;
}

}  // namespace base
