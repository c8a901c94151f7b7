#include "kms/kmip_client.h"

#include <gmock/gmock.h>

#include <functional>

#include "base/encoding.h"
#include "kms/kmip_material.h"
#include "kms/provider_error.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Answers as the test says; counts the requests that arrived.
class ScriptedTransport final : public KmipTransport {
 public:
  using Answer = std::function<base::Secret(unsigned number)>;
  ScriptedTransport(Answer answer, unsigned& requests) : answer_(std::move(answer)), requests_(requests) {}
  base::Secret exchange(base::Bytes /*request*/) override { return answer_(++requests_); }

 private:
  Answer answer_;
  unsigned& requests_;
};

base::Secret refusal(std::uint32_t reason) {
  TtlvWriter writer;
  writer.begin(0x42007B).begin(0x42007A).begin(0x420069).integer(0x42006A, 1).integer(0x42006B, 4).end();
  writer.integer(0x42000D, 1).end().begin(0x42000F).enumeration(0x42007F, 1).enumeration(0x42007E, reason);
  return writer.text(0x42007D, "no").end().end().finish();
}

base::Secret key_answer() {
  TtlvWriter writer;
  writer.begin(0x42007B).begin(0x42007A).begin(0x420069).integer(0x42006A, 1).integer(0x42006B, 4).end();
  writer.integer(0x42000D, 1).end().begin(0x42000F).enumeration(0x42005C, 0x0A).enumeration(0x42007F, 0);
  writer.begin(0x42007C).enumeration(0x420057, 2).text(0x420094, "1").begin(0x42008F).begin(0x420040);
  writer.enumeration(0x420042, 1).begin(0x420045).bytes(0x420043, base::Buffer(32, 5)).end();
  return writer.enumeration(0x420028, 3).end().end().end().end().end().finish();
}

class KmipClients : public testing::Test {
 protected:
  KmipClient client(ScriptedTransport::Answer answer) {
    requests_ = 0;
    return {"kmip test:5696", {1, 4}, std::make_unique<ScriptedTransport>(std::move(answer), requests_)};
  }
  unsigned requests_ = 0;
};

TEST_F(KmipClients, AskAgainOnlyWhatChangesNothing) {
  const auto lost = [](unsigned) -> base::Secret { throw TransportError("timeout", true); };
  EXPECT_THAT([&] { client(lost).get("1"); },
              ThrowsMessage<ProviderError>("kms kmip test:5696, request 1: Get: timeout (a retry is safe)"));
  EXPECT_EQ(requests_, 3U);
  EXPECT_THAT([&] { client(lost).create("disk"); }, ThrowsMessage<ProviderError>(HasSubstr("it may have been done")));
  EXPECT_EQ(requests_, 1U);
  EXPECT_THAT([&] { client(lost).destroy("1"); }, ThrowsMessage<ProviderError>(HasSubstr("(a retry is safe)")));
  EXPECT_EQ(requests_, 1U);
}

TEST_F(KmipClients, AskAgainWhateverNeverLeft) {
  const auto down = [](unsigned) -> base::Secret { throw TransportError("refused", false); };
  EXPECT_THAT([&] { client(down).create("disk"); }, ThrowsMessage<ProviderError>(HasSubstr("(a retry is safe)")));
  EXPECT_EQ(requests_, 3U);
}

TEST_F(KmipClients, GetTheKeyOnceTheServerIsBack) {
  KmipClient back = client([](unsigned number) {
    if (number < 3) throw TransportError("refused", false);
    return key_answer();
  });
  EXPECT_EQ(base::buffer_of(back.get("1").view()), base::Buffer(32, 5));
}

TEST_F(KmipClients, SayWhatAServerRefusesAndDoNotAskAgain) {
  EXPECT_THAT([&] { client([](unsigned) { return refusal(0x0C); }).get("1"); },
              ThrowsMessage<ProviderError>("kms kmip test:5696, request 1: Get: permission denied: no"));
  EXPECT_EQ(requests_, 1U);
}

TEST_F(KmipClients, SayOfAFailureInTheServerWhetherARetryIsSafe) {
  const auto broken = [](unsigned) { return refusal(0x100); };
  EXPECT_THAT(
      [&] { client(broken).get("1"); },
      ThrowsMessage<ProviderError>("kms kmip test:5696, request 1: Get: general failure: no (a retry is safe)"));
  EXPECT_THAT([&] { client(broken).destroy("1"); }, ThrowsMessage<ProviderError>(HasSubstr("(a retry is safe)")));
  EXPECT_THAT([&] { client(broken).create("disk"); },
              ThrowsMessage<ProviderError>(HasSubstr("general failure: no (it may have been done")));
  EXPECT_EQ(requests_, 1U) << "and does not ask again";
}

TEST_F(KmipClients, SayWhereAnAnswerIsMalformed) {
  const auto truncated = [](unsigned) {
    const base::Secret whole = key_answer();
    return base::Secret(base::buffer_of(whole.view().first(whole.size() - 8)));
  };
  try {
    client(truncated).get("1");
    FAIL();
  } catch (const ProviderError& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_EQ(error.retry(), Retry::safe);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("kms kmip test:5696, request 1: Get: KMIP answer+0x8: needs"), HasSubstr("bytes")));
  }
}

TEST_F(KmipClients, EraseWhatIsGoneAlreadyButNothingThatIsDenied) {
  const MaterialId id{{"acme"}, KeyName::parse("worker/0/root"), 1};
  const base::Buffer handle{'1'};
  make_kmip_material(client([](unsigned) { return refusal(0x01); }))->erase(id, handle);
  EXPECT_EQ(requests_, 2U);
  EXPECT_THROW(make_kmip_material(client([](unsigned) { return refusal(0x0C); }))->erase(id, handle), ProviderError);
}

}  // namespace
}  // namespace kms
