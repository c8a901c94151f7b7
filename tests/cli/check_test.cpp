#include "cli/check.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/build.h"
#include "owner_files.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

class Check : public OwnerFiles {
 protected:
  Json findings(const std::vector<std::string>& documents, int code) {
    EXPECT_EQ(check({documents, true}, console_), code);
    EXPECT_EQ(err_.str(), "");
    const Json json = Json::parse(out_.str(), "output");
    EXPECT_EQ(json.at("schema").text(), "bulkhead.findings/v1");
    return json.at("findings");
  }
};

TEST_F(Check, SaysThatGoodDocumentsHaveNoFindings) {
  EXPECT_EQ(check({documents(), false}, console_), 0);
  EXPECT_EQ(out_.str(), "1 tenant, no findings\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(Check, PrintsNoFindingsAsAnEmptyList) {
  EXPECT_TRUE(findings(documents(), 0).array().empty());
}

TEST_F(Check, ExitsWith3ForADocumentThatDoesNotParse) {
  edit("acme.yaml", "tee: emulated", "tee: emulatd");
  EXPECT_EQ(check({documents(), false}, console_), 3);
  EXPECT_THAT(err_.str(), HasSubstr("acme.yaml:6:8: error: spec.tee: "));
  EXPECT_THAT(err_.str(), HasSubstr("1 error in 2 files\n"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Check, ExitsWith1ForABrokenRuleAndPointsAtBothPlaces) {
  edit("acme.yaml", "acme-work: {cidr: 10.20.1.0/24", "acme-work: {cidr: 10.20.0.0/25");
  const Json found = findings(documents(), 1);
  ASSERT_FALSE(found.array().empty());
  const Json& overlap = found.array().front();
  EXPECT_EQ(overlap.at("severity").text(), "error");
  EXPECT_EQ(overlap.at("where").at("file").text(), file("acme.yaml"));
  EXPECT_GT(overlap.at("where").at("line").integer(), 0);
  EXPECT_GT(overlap.at("where").at("column").integer(), 0);
  ASSERT_FALSE(overlap.at("notes").array().empty());
  EXPECT_NE(overlap.at("notes").array().front().at("where"), overlap.at("where"));
}

TEST_F(Check, ReportsMalformedDocumentsAsJsonToo) {
  edit("site.yaml", "kind: Site", "kind: Sight");
  const Json found = findings(documents(), 3);
  ASSERT_FALSE(found.array().empty());
  EXPECT_EQ(found.array().front().at("where").at("file").text(), file("site.yaml"));
}

TEST_F(Check, PrintsASchemaOfEachKind) {
  for (const auto& [kind, title] : {std::pair{"tenant", "Bulkhead tenant"}, {"recipe", "Bulkhead image recipe"}}) {
    out_.str("");
    EXPECT_EQ(print_schema({kind}, console_), 0);
    EXPECT_EQ(Json::parse(out_.str(), "schema").at("title").text(), title);
  }
}

TEST_F(Check, KeepsBuildFromADocumentThatIsNoGoodRecipe) {
  edit("debian13.yaml", "suite: trixie", "suite: sarge");
  EXPECT_EQ(build_image({file("debian13.yaml"), file("out"), "", false}, console_), 3);
  EXPECT_THAT(err_.str(), HasSubstr("debian13.yaml:6:10: error: spec.suite: "));
  EXPECT_FALSE(std::filesystem::exists(file("out")));
}

TEST_F(Check, KeepsBuildFromATenantFile) {
  try {
    build_image({file("acme.yaml"), file("out"), "", false}, console_);
    FAIL() << "a tenant was built";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_EQ(error.what(), file("acme.yaml") + ": wanted a document of kind: ImageRecipe");
  }
  EXPECT_FALSE(std::filesystem::exists(file("out")));
}

}  // namespace
}  // namespace cli
