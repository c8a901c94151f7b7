#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Diagnostics, ReadLikeACompilersWithBothPlaces) {
  const std::vector<SourceFile> sources = {{"acme.yaml", "a: 1\nkms: https://bao\n"},
                                           {"globex.yaml", "kms: https://bao\n"}};
  Diagnostics found;
  found.error({"globex.yaml", 1, 6, 11}, "kms.url: https://bao is already the KMS of tenant 'acme'",
              {{{"acme.yaml", 2, 6, 11}, "first used here"}});
  found.warning({"acme.yaml", 1, 1, 1}, "a is unused");
  found.sort();
  EXPECT_EQ(rendered(found, sources),
            "acme.yaml:1:1: warning: a is unused\n"
            "    1 | a: 1\n"
            "      | ^\n"
            "globex.yaml:1:6: error: kms.url: https://bao is already the KMS of tenant 'acme'\n"
            "    1 | kms: https://bao\n"
            "      |      ^~~~~~~~~~~\n"
            "  acme.yaml:2:6: note: first used here\n"
            "    2 | kms: https://bao\n"
            "      |      ^~~~~~~~~~~\n");
  EXPECT_EQ(found.errors(), 1U);
}

TEST(Diagnostics, NameAFileTheyCannotQuote) {
  Diagnostics found;
  found.error({"gone.yaml", 0, 0, 0}, "cannot read it");
  EXPECT_EQ(rendered(found, {}), "gone.yaml: error: cannot read it\n");
}

}  // namespace
}  // namespace base
