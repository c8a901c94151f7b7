#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/apply.h"
#include "cli/approve.h"
#include "cli/measure.h"
#include "cli/plan.h"
#include "owner_files.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

/// The verbs of a tenant whose image is not built: what is not known is said, and nothing is signed or made.
class BeforeBuild : public OwnerFiles {
 protected:
  void make_plan() {
    EXPECT_EQ(plan({.documents = documents(), .out = file(""), .offline = true}, console_), 2);
    out_.str("");
  }
  template <typename Verb>
  static std::string refusal(Verb verb) {
    try {
      verb();
      return "(no refusal)";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::failure);
      return error.what();
    }
  }
};

TEST_F(BeforeBuild, PlanSaysWhatWaitsForTheBuild) {
  EXPECT_EQ(plan({.documents = documents(), .offline = true}, console_), 2);
  EXPECT_THAT(out_.str(), HasSubstr("(after build)"));
  EXPECT_THAT(out_.str(), HasSubstr(", not resolved\n"));
}

TEST_F(BeforeBuild, PlanPrintsAndWritesTheSameDocument) {
  EXPECT_EQ(plan({.documents = documents(), .out = file(""), .offline = true, .json = true}, console_), 2);
  EXPECT_EQ(out_.str(), base::read_file(file("acme.plan.json")));
  const Json json = Json::parse(out_.str(), "plan");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.plan/v1");
  EXPECT_FALSE(json.at("resolved").boolean());
  EXPECT_FALSE(json.at("ownerActions").array().empty());
  EXPECT_FALSE(json.at("operatorActions").array().empty());
  const Json index = Json::parse(base::read_file(file("site-index.json")), "index");
  EXPECT_THAT(index.compact(), HasSubstr("acme.plan.json"));
}

TEST_F(BeforeBuild, MeasureHasNoReferenceValuesAndExitsWith1) {
  EXPECT_EQ(measure({.documents = documents(), .output = {.json = true}}, console_), 1);
  const Json json = Json::parse(out_.str(), "measurement");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.measurement/v1");
  ASSERT_EQ(json.at("guests").array().size(), 2U);
  for (const Json& guest : json.at("guests").array()) {
    EXPECT_TRUE(guest.at("referenceValues").is_null());
    EXPECT_EQ(guest.at("initdataSha256").text().size(), 64U);
  }
  EXPECT_THAT(err_.str(), HasSubstr("build the image"));
}

TEST_F(BeforeBuild, ApproveSignsNothing) {
  make_plan();
  const ApproveOptions options{documents(), file("acme.plan.json"), {file("acme-approval.key")}, file("approval"), {}};
  EXPECT_THAT(refusal([&] { approve(options, console_); }), HasSubstr("the plan is not resolved"));
  EXPECT_FALSE(std::filesystem::exists(file("approval")));
}

TEST_F(BeforeBuild, ApproveNamesWhatThePlanSaysOtherwiseThanTheOwnersDocuments) {
  make_plan();
  edit("acme.yaml", "worker, to: control, tcp: [6443]", "worker, to: control, tcp: [6444]");
  const ApproveOptions options{documents(), file("acme.plan.json"), {file("acme-approval.key")}, file("approval"), {}};
  const std::string message = refusal([&] { approve(options, console_); });
  EXPECT_THAT(message, HasSubstr("flows"));
  EXPECT_THAT(message, HasSubstr("6443"));
  EXPECT_THAT(message, HasSubstr("6444"));
}

TEST_F(BeforeBuild, ApplyRefusesAnUnresolvedPlanBeforeItAsksAHost) {
  make_plan();
  base::write_file_atomically(
      file("approval"), R"({"payloadType":"application/vnd.bulkhead.approval+json","payload":"","signatures":[]})",
      0644);
  const ApplyOptions options{.plan = file("acme.plan.json"), .approval = file("approval"), .run = file("run")};
  EXPECT_EQ(refusal([&] { apply(options, console_); }),
            "the plan of tenant 'acme' is not resolved: build and measure the image, then plan again");
  EXPECT_FALSE(std::filesystem::exists(file("run")));
}

TEST_F(BeforeBuild, ApplyRefusesABundleThatIsSealedToATpmBeforeItAsksAHost) {
  make_plan();
  base::write_file_atomically(file("bundle"), std::string_view(R"({"schema":"bulkhead.tpm-sealed/v1"})"), 0600);
  const ApplyOptions options{.plan = file("acme.plan.json"),
                             .approval = file("approval"),
                             .service_bundle = file("bundle"),
                             .run = file("run")};
  EXPECT_THAT(refusal([&] { apply(options, console_); }), HasSubstr("is for a service which its owner runs"));
  EXPECT_FALSE(std::filesystem::exists(file("run")));
}

TEST_F(BeforeBuild, PlanWantsASiteAndOneOfItsHosts) {
  EXPECT_EQ(refusal([&] { plan({.documents = {file("acme.yaml")}, .offline = true}, console_); }),
            "no site file was given (kind: Site)");
  EXPECT_EQ(refusal([&] { plan({.documents = documents(), .host = "moon", .offline = true}, console_); }),
            "--host: got 'moon', wanted one of the site's: local");
  EXPECT_EQ(refusal([&] { plan({.documents = {file("site.yaml")}, .offline = true}, console_); }),
            "no tenant file was given (kind: Tenant)");
}

}  // namespace
}  // namespace cli
