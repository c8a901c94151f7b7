#include <gmock/gmock.h>

#include "base/encoding.h"
#include "kms/curl_kmip_transport.h"
#include "kms/file_records.h"
#include "kms/key_store.h"
#include "kms/kmip_material.h"
#include "kms/provider_check.h"
#include "kms/provider_error.h"
#include "tests/kms/samples.h"
#include "tests/kms/servers/kmip_server.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

class RealKmipServer : public testing::TestWithParam<KmipVersion> {
 protected:
  static void SetUpTestSuite() {
    if (pykmip_server::can_run()) server_ = std::make_unique<pykmip_server::Server>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_)
      GTEST_SKIP() << "needs python3-pykmip, whose server needs a Python that has ssl.wrap_socket (3.11 or older)";
    ASSERT_TRUE(server_->running) << server_->folder.text("server.log");
  }
  [[nodiscard]] static KmipClient client(const std::string& certificate, const std::string& ca = "ca") {
    TlsOptions options = server_->folder.options(server_->port, ca, certificate);
    return {"kmip 127.0.0.1:" + std::to_string(server_->port), GetParam(), make_kmip_transport(std::move(options))};
  }
  static std::unique_ptr<pykmip_server::Server> server_;
};
std::unique_ptr<pykmip_server::Server> RealKmipServer::server_;

INSTANTIATE_TEST_SUITE_P(Versions, RealKmipServer, testing::Values(KmipVersion{1, 4}, KmipVersion{2, 0}),
                         [](const auto& version) {
                           return "Of" + std::to_string(version.param.major) + "_" +
                                  std::to_string(version.param.minor);
                         });

TEST_P(RealKmipServer, SaysWhatItCanDo) {
  EXPECT_THAT(client("acme").query().operations, Contains(static_cast<std::uint32_t>(KmipOperation::create)));
}

TEST_P(RealKmipServer, KeepsKeysThroughTheirWholeLife) {
  const std::string records = server_->folder.file("records-" + std::to_string(GetParam().major));
  const std::unique_ptr<KeyWrapper> wrapper = make_key_wrapper(base::Secret(base::Buffer(32, 7)));
  KeyStore store(samples::acme, open_file_records({records, samples::acme, 0, nullptr}, *wrapper),
                 make_kmip_material(client("acme")));
  const auto key = [&](Slot slot) {
    return base::buffer_of(std::get<base::Secret>(store.release(root, samples::guest(), slot)).view());
  };
  store.create(root, samples::policy());
  store.mark_formatted(root);
  const base::Buffer first = key(Slot::current);
  store.begin_rotation(root);
  const base::Buffer second = key(Slot::next);
  EXPECT_EQ(key(Slot::current), first);
  EXPECT_NE(first, second);
  EXPECT_EQ(store.commit_rotation(root).unerased, 0U);
  EXPECT_EQ(key(Slot::current), second);
  EXPECT_THAT(client("acme").locate("bulkhead/acme/worker/0/root/1"), IsEmpty());
  EXPECT_THAT(client("acme").locate("bulkhead/acme/worker/0/root/2"), Not(IsEmpty()));
  store.revoke(root);
  store.revoke(root);
  EXPECT_EQ(store.destroy(root).state, KeyState::destroyed);
  EXPECT_EQ(store.destroy(root).state, KeyState::destroyed);
  EXPECT_THAT(client("acme").locate("bulkhead/acme/worker/0/root/2"), IsEmpty());
}

TEST_P(RealKmipServer, RefusesTheKeyOfOneTenantToTheCertificateOfAnother) {
  const std::string id = client("acme").create("private");
  client("acme").activate(id);
  EXPECT_EQ(client("acme").get(id).size(), 32U);
  const auto refused = [&](auto ask) {
    KmipClient rival = client("rival");
    EXPECT_THAT([&] { ask(rival); }, ThrowsMessage<ProviderError>(HasSubstr("permission denied")));
  };
  refused([&](KmipClient& rival) { rival.get(id); });
  refused([&](KmipClient& rival) { rival.revoke(id); });
  refused([&](KmipClient& rival) { rival.destroy(id); });
  refused([&](KmipClient& rival) { rival.state(id); });
  EXPECT_THAT(client("rival").locate(std::nullopt), Not(Contains(id)));
}

TEST_P(RealKmipServer, TakesASecretThatOthersMade) {
  const std::string id = client("acme").register_secret("recovery", base::Buffer(32, 0x11));
  EXPECT_THAT(client("acme").locate("recovery"), Contains(id));
  EXPECT_THAT([&] { client("acme").get(id); }, ThrowsMessage<ProviderError>(HasSubstr("symmetric key")));
}

TEST_P(RealKmipServer, RefusesACertificateOfAnotherCaOrNone) {
  for (const char* certificate : {"stranger", ""})
    EXPECT_THAT([&] { client(certificate).query(); },
                ThrowsMessage<ProviderError>(AllOf(HasSubstr("request 1: Query: 127.0.0.1:"), HasSubstr("retry"))))
        << certificate;
}

TEST_P(RealKmipServer, IsNotBelievedUnderAnotherCaThanThePinnedOne) {
  EXPECT_THAT([&] { client("acme", "other-ca").create("never"); },
              ThrowsMessage<ProviderError>(AllOf(HasSubstr("peer certificate"), HasSubstr("(a retry is safe)"))));
  EXPECT_THAT(client("acme").locate("never"), IsEmpty());
}

TEST_P(RealKmipServer, IsCheckedForWhatItsCredentialMayNotRead) {
  const test_pki::Folder& pki = server_->folder;
  base::write_file_atomically(pki.file("kek"), base::base64(base::Buffer(32, 7)), 0600);
  const KmipConnection at{
      {{"127.0.0.1", server_->port}, pki.file("ca.pem"), pki.file("acme.pem"), pki.file("acme.key")},
      GetParam(),
      pki.file("checked-" + std::to_string(GetParam().major)),
      pki.file("kek")};
  const std::string own = client("acme").create("own"), foreign = client("rival").create("foreign");
  const auto failed = [&](const std::string& object) {
    std::vector<std::string> names;
    for (const CheckFinding& finding :
         check_provider({samples::acme, at}, {{object}, true}, {nullptr, make_kmip_transport}).findings)
      if (!finding.passed) names.push_back(finding.check + ": " + finding.got);
    return names;
  };
  EXPECT_THAT(failed(foreign), IsEmpty());
  EXPECT_THAT(failed(own), testing::ElementsAre("refused: object " + own + ": it was granted"));
}

TEST_P(RealKmipServer, SaysThatAnObjectIsNotThere) {
  EXPECT_THAT([&] { client("acme").get("999999"); }, ThrowsMessage<ProviderError>(HasSubstr("item not found")));
  EXPECT_EQ(client("acme").state("999999"), std::nullopt);
}

/// Nobody answers, or never.
TEST(UnreachableKmipServer, IsGivenUpWhenItIsDownOrSlow) {
  const test_pki::Folder folder;
  folder.make_ca("ca");
  const auto port = local_server::free_port();
  EXPECT_THAT(
      [&] { KmipClient("kmip down", {1, 4}, make_kmip_transport(folder.options(port, "ca", ""))).create("disk"); },
      // Debian 12's libcurl says "Couldn't connect to server", Debian 13's "Could not connect to server"
      ThrowsMessage<ProviderError>(AllOf(HasSubstr("connect to server"), HasSubstr("(a retry is safe)"))));
  local_server::Socket silent;
  TlsOptions slow = folder.options(silent.bind_anywhere(), "ca", "");
  slow.patience = std::chrono::milliseconds(100);
  ASSERT_EQ(::listen(silent.descriptor(), 8), 0);
  EXPECT_THAT([&] { KmipClient("kmip slow", {1, 4}, make_kmip_transport(std::move(slow))).get("1"); },
              ThrowsMessage<ProviderError>(AllOf(HasSubstr("Timeout"), HasSubstr("(a retry is safe)"))));
}

}  // namespace
}  // namespace kms
