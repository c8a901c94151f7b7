#include "attestation/enrolments.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace {

using attestation::Enrolments;
using testing::HasSubstr;

TEST(Enrolments, AreReadBackAsTheyWereWritten) {
  const Enrolments made{"acme", {{"control/0", {1, 2, 3}}, {"worker/11", {4, 5}}}};
  EXPECT_EQ(Enrolments::parse(made.text(), "file"), made);
}

struct Case {
  const char* what;
  std::string text, wanted;
};

std::string document(const std::string& guests, const std::string& schema = "bulkhead.enrolments/v1") {
  return R"({"schema":")" + schema + R"(","tenant":"acme","guests":)" + guests + "}";
}

class MalformedEnrolments : public testing::TestWithParam<Case> {};

TEST_P(MalformedEnrolments, AreRefusedNamingThePlace) {
  try {
    Enrolments::parse(GetParam().text, "file");
    ADD_FAILURE() << "accepted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().wanted));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, MalformedEnrolments,
    testing::Values(Case{"NoJson", "worker/0", "file"},
                    Case{"AnotherSchema", document("[]", "x"), "schema: got 'x', wanted bulkhead"},
                    Case{"NoGuests", document("[]"), "guests: wanted a list of at least one"},
                    Case{"GuestsNoList", document("{}"), "guests: wanted a list"},
                    Case{"NoGuestName", document(R"([{"guest":"worker-0","akPublic":"AQ=="}])"),
                         "got 'worker-0', wanted one such as"},
                    Case{"NoBase64", document(R"([{"guest":"worker/0","akPublic":"!"}])"), "worker/0: akPublic"},
                    Case{"NoKey", document(R"([{"guest":"worker/0"}])"), "akPublic"},
                    Case{"UnknownMember", document(R"([{"guest":"worker/0","akPublic":"AQ==","more":1}])"), "more"},
                    Case{"GuestTwice",
                         document(R"([{"guest":"worker/0","akPublic":"AQ=="},{"guest":"worker/0","akPublic":"Ag=="}])"),
                         "worker/0: listed twice"},
                    Case{"KeyTwice",
                         document(R"([{"guest":"worker/0","akPublic":"AQ=="},{"guest":"worker/1","akPublic":"AQ=="}])"),
                         "worker/1: akPublic: another guest has it too"}),
    [](const auto& test) { return test.param.what; });

}  // namespace
