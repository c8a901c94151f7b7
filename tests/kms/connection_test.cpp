#include "kms/connection.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string document(const std::string& provider) {
  return R"({"schema":"bulkhead.kms-connection/v1","tenant":"acme",)" + provider + "}";
}
const std::string openbao =
    R"("openbao":{"url":"https://10.0.0.5:8200","ca":"ca.pem","certificate":"a.pem","privateKey":"a.key",)"
    R"("namespace":"acme","login":{"method":"certificate","role":"keys"}})";
const std::string kmip =
    R"("kmip":{"url":"https://10.0.0.5:5696","ca":"ca.pem","certificate":"a.pem","privateKey":"a.key",)"
    R"("version":"2.0","store":"s","keyFile":"k"})";

TEST(KmsConnection, NamesOneProviderAndItsFiles) {
  const Connection embedded = parse_connection(document(R"("embedded":{"store":"s","keyFile":"k"})"), "c");
  EXPECT_EQ(embedded.tenant.name, "acme");
  EXPECT_EQ(std::get<EmbeddedConnection>(embedded.provider).key_file, "k");
  EXPECT_EQ(std::get<EmbeddedConnection>(embedded.provider).tpm, "device:/dev/tpmrm0");
  const Connection sealed =
      parse_connection(document(R"("embedded":{"store":"s","keyFile":"k","tpm":"device:/dev/tpmrm1"})"), "c");
  EXPECT_EQ(std::get<EmbeddedConnection>(sealed.provider).tpm, "device:/dev/tpmrm1");
  const Connection token = parse_connection(document(R"("pkcs11":{"store":"s","uri":"pkcs11:token=acme"})"), "c");
  EXPECT_EQ(std::get<TokenConnection>(token.provider).uri, "pkcs11:token=acme");
  const auto server = std::get<KmipConnection>(parse_connection(document(kmip), "c").provider);
  EXPECT_EQ(server.version, (KmipVersion{2, 0}));
  EXPECT_EQ(server.tls.server.port, 5696);
  const auto bao = std::get<OpenBaoConnection>(parse_connection(document(openbao), "c").provider);
  EXPECT_EQ(bao.name_space, "acme");
  EXPECT_EQ(bao.mounts.kv, "kv");
  EXPECT_EQ(bao.login_mount, "cert");
}

TEST(KmsConnection, RefusesWhatIsNone) {
  const auto refusal = [](const std::string& text, const char* message) {
    EXPECT_THAT([&] { parse_connection(text, "c"); }, ThrowsMessage<base::Error>(HasSubstr(message))) << text;
  };
  const auto changed = [](std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return document(text.replace(at, from.size(), to));
  };
  refusal("{}", "schema");
  refusal(document(R"("other":{})"), "other");
  refusal(R"({"schema":"bulkhead.kms-connection/v1","tenant":"acme"})", "exactly one of");
  refusal(document(kmip + "," + openbao), "exactly one of");
  refusal(document(R"("embedded":{"store":"s","keyFile":"k","more":1})"), "more");
  refusal(document(R"("embedded":{"store":"s"})"), "keyFile");
  refusal(document(R"("embedded":{"store":"s","keyFile":"k","tpm":"/tmp/evil.so"})"), "embedded: tpm");
  refusal(changed(kmip, R"("store")", R"("tpm":"cmd:sh","store")"), "kmip: tpm");
  refusal(changed(kmip, "https", "http"), "url");
  refusal(changed(kmip, R"("certificate":"a.pem","privateKey":"a.key",)", ""), "knows its clients by it");
  refusal(changed(kmip, R"("privateKey":"a.key",)", ""), "wanted both or none");
  refusal(changed(kmip, "2.0", "3.0"), "wanted 1.4 or 2.0");
  refusal(changed(openbao, R"("acme")", R"("../acme")"), "namespace");
  refusal(changed(openbao, R"("acme")", R"("a\r\nX: y")"), "namespace");
  refusal(changed(openbao, R"("certificate","role")", R"("password","role")"), "wanted token, wrappedToken, jwt");
  refusal(changed(openbao, R"("certificate","role":"keys")", R"("token","file":"t","role":"keys")"), "role");
  refusal(changed(openbao, R"("certificate","role":"keys")", R"("jwt","role":"keys")"), "file");
  refusal(changed(openbao, R"("certificate":"a.pem","privateKey":"a.key",)", ""), "the connection has no certificate");
}

}  // namespace
}  // namespace kms
