#include "base/dsse.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

// The protocol's own example: type "http://example.com/HelloWorld", payload "hello world".
TEST(Dsse, SignsThePreAuthenticationEncodingOfTheProtocol) {
  EXPECT_EQ(text_of(dsse_message("http://example.com/HelloWorld", "hello world")),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

Envelope envelope() {
  return {.payload_type = "application/vnd.bulkhead.approval+json", .payload = "{}", .signatures = {}};
}

TEST(Dsse, KeepsOneSignatureAKey) {
  const KeySigner alice(PrivateKey::generate(PrivateKey::Type::ed25519));
  const KeySigner bob(PrivateKey::generate(PrivateKey::Type::p384));
  Envelope e = envelope();
  sign_envelope(e, alice);
  sign_envelope(e, bob);
  sign_envelope(e, alice);
  ASSERT_EQ(e.signatures.size(), 2U);
  const Envelope reread = Envelope::parse(e.json().pretty(), "approval");
  EXPECT_TRUE(signed_by(reread, alice.public_key()));
  EXPECT_TRUE(signed_by(reread, bob.public_key()));
}

TEST(Dsse, DoesNotVerifyAChangedPayloadTypeOrStranger) {
  const KeySigner alice(PrivateKey::generate(PrivateKey::Type::ed25519));
  Envelope e = envelope();
  sign_envelope(e, alice);
  EXPECT_FALSE(signed_by(e, PrivateKey::generate(PrivateKey::Type::ed25519).public_key()));
  Envelope changed = e;
  changed.payload = "{ }";
  EXPECT_FALSE(signed_by(changed, alice.public_key()));
  changed = e;
  changed.payload_type = "text/plain";
  EXPECT_FALSE(signed_by(changed, alice.public_key()));
}

class MalformedEnvelope : public testing::TestWithParam<std::string> {};
TEST_P(MalformedEnvelope, IsRefused) {
  EXPECT_THROW(Envelope::parse(GetParam(), "approval"), Error);
}
INSTANTIATE_TEST_SUITE_P(Table, MalformedEnvelope,
                         testing::Values("", "[]", "{}", R"({"payloadType":"a","payload":"!","signatures":[]})",
                                         R"({"payloadType":"a","payload":"","signatures":[{"keyid":"x"}]})",
                                         R"({"payloadType":"a","payload":"","signatures":[],"extra":1})",
                                         R"({"payloadType":1,"payload":"","signatures":[]})"));

}  // namespace
}  // namespace base
