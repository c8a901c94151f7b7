#include "base/der_writer.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace base {
namespace {

struct Length {
  std::size_t content;
  const char* header;
};
class DerElement : public testing::TestWithParam<Length> {};

TEST_P(DerElement, HasTheShortestLength) {
  const Buffer content(GetParam().content, 7);
  const Buffer element = der_element(DerTag::octet_string, content);
  EXPECT_EQ(hex(Bytes(element).first(element.size() - content.size())), GetParam().header);
  DerReader reader("element", element);
  EXPECT_EQ(buffer_of(reader.take(DerTag::octet_string)), content);
  reader.expect_end();
}

// 201 is the example of X.690, section 8.1.3.5.
INSTANTIATE_TEST_SUITE_P(Lengths, DerElement,
                         testing::Values(Length{0, "0400"}, Length{127, "047f"}, Length{128, "048180"},
                                         Length{201, "0481c9"}, Length{256, "04820100"}, Length{65536, "0483010000"}));

}  // namespace
}  // namespace base
