#include "kms/place.h"

#include <gmock/gmock.h>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/error.h"
#include "kms/open_for_service.h"
#include "kms/place_comparison.h"

namespace kms {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

std::string certificate(const char* name) {
  return base::make_ca_certificate(base::KeySigner(base::PrivateKey::generate(base::PrivateKey::Type::p256)),
                                   {name, {}, {}, 1'700'000'000, 1'900'000'000});
}

/// The files of one owner.
class PlaceTest : public testing::Test {
 protected:
  [[nodiscard]] ConnectionFiles files() const {
    return {[this](const std::string& name) { return contents.at(name); },
            [](const std::string& name) -> base::Secret { throw std::runtime_error(name); }};
  }
  [[nodiscard]] base::Sha256 print(const std::string& name) const {
    return base::certificate_fingerprint(contents.at(name), name);
  }
  static Connection connection(const char* provider, Json at) {
    return parse_connection(
        Json(Json::Object{{"schema", "bulkhead.kms-connection/v1"}, {"tenant", "acme"}, {provider, std::move(at)}})
            .compact(),
        "connection");
  }
  static Json openbao_json() {
    return Json::Object{{"url", "https://10.0.0.5:8200"},
                        {"ca", "ca.pem"},
                        {"certificate", "acme.pem"},
                        {"privateKey", "acme.key"},
                        {"namespace", "acme"},
                        {"kv", "cvm/kv"},
                        {"transit", "cvm/transit"},
                        {"login", Json::Object{{"method", "certificate"}, {"role", "keys"}}}};
  }
  [[nodiscard]] Place openbao_place() const {
    return {"openbao", "10.0.0.5:8200", "acme", "cvm", "", print("ca.pem"), print("acme.pem")};
  }
  std::map<std::string, std::string> contents{
      {"ca.pem", certificate("kms CA")}, {"acme.pem", certificate("acme")}, {"rival.pem", certificate("rival")}};
};

TEST_F(PlaceTest, IsWhereAConnectionThatWasApprovedLeads) {
  EXPECT_THAT(differences(connection("openbao", openbao_json()), files(), openbao_place()), IsEmpty());
}

TEST_F(PlaceTest, ShowsEachWayInWhichAConnectionLeadsElsewhere) {
  const std::pair<std::pair<const char*, const char*>, const char*> cases[] = {
      {{"url", "https://10.0.0.6:8200"}, "server: got 10.0.0.6:8200, wanted 10.0.0.5:8200"},
      {{"ca", "rival.pem"}, "ca: got "},
      {{"certificate", "rival.pem"}, "client certificate: got "},
      {{"namespace", "rival"}, "namespace: got rival, wanted acme"},
      {{"kv", "kv"}, "kv: got kv, wanted cvm/kv"},
      {{"transit", "other/transit"}, "transit: got other/transit, wanted cvm/transit"}};
  for (const auto& [change, message] : cases) {
    Json at = openbao_json();
    at[change.first] = change.second;
    EXPECT_THAT(differences(connection("openbao", at), files(), openbao_place()), ElementsAre(HasSubstr(message)));
  }
}

TEST_F(PlaceTest, HasTheMountsOfAnOpenBaoWithoutPrefixWhenNoneIsNamed) {
  Json at = openbao_json();
  at.object().erase("kv");
  at.object().erase("transit");
  Place place = openbao_place();
  place.mount.clear();
  EXPECT_THAT(differences(connection("openbao", at), files(), place), IsEmpty());
}

TEST_F(PlaceTest, PinsOneCaAndNoMore) {
  contents["two.pem"] = contents["ca.pem"] + contents["rival.pem"];
  Json at = openbao_json();
  at["ca"] = "two.pem";
  EXPECT_THAT(differences(connection("openbao", at), files(), openbao_place()),
              ElementsAre(HasSubstr("ca: got several certificates")));
}

TEST_F(PlaceTest, TellsProvidersApart) {
  const Json kmip = Json::Object{{"url", "https://10.0.0.5:5696"}, {"ca", "ca.pem"},  {"certificate", "acme.pem"},
                                 {"privateKey", "acme.key"},       {"store", "keys"}, {"keyFile", "kek"}};
  Place place{"kmip", "10.0.0.5:5696", "", "", "", print("ca.pem"), print("acme.pem")};
  EXPECT_THAT(differences(connection("kmip", kmip), files(), place), IsEmpty());
  place.provider = "openbao";
  EXPECT_THAT(differences(connection("kmip", kmip), files(), place), ElementsAre("provider: got kmip, wanted openbao"));
}

TEST_F(PlaceTest, IsATokenByItsLabel) {
  const auto token = [](const char* uri) {
    return connection("pkcs11", Json::Object{{"store", "keys"}, {"uri", uri}});
  };
  const Place place{"pkcs11", "", "", "", "acme keys", std::nullopt, std::nullopt};
  EXPECT_THAT(differences(token("pkcs11:token=acme%20keys;object=kek?pin-source=file:pin"), files(), place), IsEmpty());
  EXPECT_THAT(differences(token("pkcs11:token=rival;object=kek"), files(), place),
              ElementsAre("token: got rival, wanted acme keys"));
  EXPECT_THAT(differences(token("pkcs11:object=kek"), files(), place),
              ElementsAre("token: got none, wanted acme keys"));
}

TEST_F(PlaceTest, IsReadAsItIsWritten) {
  const Place place = openbao_place();
  EXPECT_EQ(parse_place(to_json(place), "place"), place);
  EXPECT_EQ(place.text(), "openbao 10.0.0.5:8200, namespace acme, mount cvm");
  const std::pair<std::pair<const char*, Json>, const char*> cases[] = {
      {{"provider", "vault"}, "place: provider: got 'vault', wanted openbao, kmip or pkcs11"},
      {{"ca", "abc"}, "place: ca: wanted a SHA-256"},
      {{"server", nullptr}, "place: server: wanted a text"},
      {{"password", "x"}, "password"}};
  for (const auto& [change, message] : cases) {
    Json json = to_json(place);
    json[change.first] = change.second;
    EXPECT_THAT([&] { parse_place(json, "place"); }, ThrowsMessage<base::Error>(HasSubstr(message)));
  }
}

TEST_F(PlaceTest, IsAskedByTheGuestsThemselvesWhereItSaysSo) {
  Place place = openbao_place();
  EXPECT_EQ(to_json(place).find("model"), nullptr) << "what was approved before there was a model stays the same";
  place.model = Model::passport;
  EXPECT_EQ(parse_place(to_json(place), "place"), place);
  EXPECT_THAT(place.text(), testing::EndsWith("mount cvm, asked by the guests themselves"));
  for (const auto& [member, value] : {std::pair{"model", "backgroundCheck"}, std::pair{"provider", "kmip"}}) {
    Json json = to_json(place);
    json[member] = value;
    EXPECT_THAT([&] { parse_place(json, "place"); }, ThrowsMessage<base::Error>(HasSubstr("place: model: got ")));
  }
}

TEST_F(PlaceTest, NeedsACredentialThatLastsAndALibraryOfTheOperator) {
  Json at = openbao_json();
  EXPECT_EQ(unfit_for_service(connection("openbao", at)), std::nullopt);
  at["login"] = Json::Object{{"method", "wrappedToken"}, {"file", "token"}};
  EXPECT_THAT(*unfit_for_service(connection("openbao", at)), HasSubstr("used up"));
  at["login"] = Json::Object{{"method", "jwt"}, {"role", "guest"}, {"file", "token"}};
  EXPECT_THAT(*unfit_for_service(connection("openbao", at)), HasSubstr("expires"));
  const auto token = [](const char* uri) {
    return unfit_for_service(connection("pkcs11", Json::Object{{"store", "keys"}, {"uri", uri}}));
  };
  EXPECT_EQ(token("pkcs11:token=acme;object=kek"), std::nullopt);
  EXPECT_THAT(*token("pkcs11:object=kek"), HasSubstr("wanted token="));
  EXPECT_THAT(*token("pkcs11:token=acme?module-path=/tmp/evil.so"), HasSubstr("module-path"));
  EXPECT_THAT(*unfit_for_service(connection("embedded", Json::Object{{"store", "keys"}, {"keyFile", "kek"}})),
              HasSubstr("has that store anyway"));
}

TEST_F(PlaceTest, IsReachedWithTheFilesThatTheConnectionNames) {
  const auto named = [](const Connection& connection) {
    std::string text;
    for (const NamedFile& file : files_of(connection)) text += file.name + (file.secret ? "! " : " ");
    return text;
  };
  Json at = openbao_json();
  EXPECT_EQ(named(connection("openbao", at)), "ca.pem acme.pem acme.key! ");
  at.object().erase("certificate");
  at.object().erase("privateKey");
  at["login"] = Json::Object{{"method", "token"}, {"file", "token"}};
  EXPECT_EQ(named(connection("openbao", at)), "ca.pem token! ");
  EXPECT_EQ(named(connection("pkcs11",
                             Json::Object{{"store", "keys"}, {"uri", "pkcs11:token=acme?pin-source=file:pins/acme"}})),
            "pins/acme! ");
}

}  // namespace
}  // namespace kms
