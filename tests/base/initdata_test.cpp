#include "base/initdata.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

constexpr const char* ca = "-----BEGIN CERTIFICATE-----\nMIIBxTCCAXegAwIBAgI=\n-----END CERTIFICATE-----\n";

Initdata worker() {
  return {
      .guest = {{"acme"}, Pool::worker, 3},
      .network = {.mac = {0x52, 0x54, 0x00, 0x0a, 0x0b, 0x0c}, .address = {10, 20, 1, 10}, .gateway = {10, 20, 1, 1}},
      .attestation = {.url = {.host = "10.20.255.1", .port = 8443}, .ca = ca},
      .volumes = {"data"}};
}

/// The worker's document with the first `from` replaced by `to`.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = initdata_toml(worker());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << "the document holds no " << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  try {
    parse_initdata(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::malformed);
    return error.what();
  }
  return "accepted";
}

TEST(Initdata, HasOwnersRecoveryKeysOnlyWhereThereAreAny) {
  const std::string key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
  EXPECT_EQ(initdata_toml(worker()).find("recovery"), std::string::npos);
  Initdata with = worker();
  with.recovery = {key, key};
  EXPECT_EQ(parse_initdata(initdata_toml(with)), with);
  const auto refused = [](const std::string& value) {
    return refusal(edited("\"schema\"", "\"recovery\": " + value + ",\n  \"schema\""));
  };
  EXPECT_EQ(refused("[]"), "initdata.toml: recovery: wanted a list of 1 to 16 public keys");
  EXPECT_EQ(refused("null"), "initdata.toml: recovery: wanted a list of 1 to 16 public keys");
  EXPECT_EQ(refused("[7]"), "initdata.toml: recovery: wanted texts");
  EXPECT_EQ(refused("[\"key\"]"), "initdata.toml: recovery: got 'key', wanted PEM public keys");
}

TEST(Initdata, NamesTheKmsThatAGuestAsksItself) {
  Initdata with = worker();
  with.kms = {{"192.0.2.9", 8200}, ca, "acme", "cvm/a_b"};
  EXPECT_EQ(parse_initdata(initdata_toml(with)), with);
  with.kms->name_space = with.kms->mount = "";
  EXPECT_EQ(parse_initdata(initdata_toml(with)), with);
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = initdata_toml(with);
    const std::size_t at = text.find("\"kms\"");
    return refusal(text.replace(text.find(from, at), from.size(), to));
  };
  EXPECT_EQ(refused("192.0.2.9", "kms.acme.example"),
            "initdata.toml: kms.url: got 'kms.acme.example', wanted an IPv4 address such as 10.20.1.10");
  EXPECT_NE(refused("\"-----BEGIN", "\"x-----BEGIN").find("kms.ca: got"), std::string::npos);
  EXPECT_EQ(refused("\"url\"", "\"token\": \"s.x\", \"url\""), "initdata.toml: kms: unknown member 'token'");
  for (const char* const mount : {"/cvm", "cvm/", "a//b", "../sys", "a b", "a?b", "cvm*"})
    EXPECT_EQ(refused("\"mount\": \"\"", "\"mount\": \"" + std::string(mount) + "\""),
              "initdata.toml: kms.mount: got '" + std::string(mount) +
                  "', wanted 1 to 128 of [A-Za-z0-9_-] in parts between single slashes");
}

TEST(Initdata, IsTomlWithOneJsonMemberOfData) {
  EXPECT_EQ(initdata_toml(worker()),
            "version = \"0.1.0\"\n"
            "algorithm = \"sha256\"\n"
            "\n"
            "[data]\n"
            "\"bulkhead.json\" = '''\n"
            "{\n"
            "  \"attestation\": {\n"
            "    \"ca\": \"-----BEGIN CERTIFICATE-----\\nMIIBxTCCAXegAwIBAgI=\\n-----END CERTIFICATE-----\\n\",\n"
            "    \"url\": \"https://10.20.255.1:8443\"\n"
            "  },\n"
            "  \"index\": 3,\n"
            "  \"kms\": null,\n"
            "  \"network\": {\n"
            "    \"address\": \"10.20.1.10\",\n"
            "    \"gateway\": \"10.20.1.1\",\n"
            "    \"mac\": \"52:54:00:0a:0b:0c\"\n"
            "  },\n"
            "  \"pool\": \"worker\",\n"
            "  \"schema\": \"bulkhead.initdata/v1\",\n"
            "  \"tenant\": \"acme\",\n"
            "  \"time\": null,\n"
            "  \"volumes\": [\n"
            "    \"data\"\n"
            "  ]\n"
            "}\n"
            "'''\n");
}

TEST(Initdata, ReadsBackWhatItWrote) {
  Initdata control = worker();
  control.guest = {{"b-2"}, Pool::control, 999};
  control.attestation.url = {.host = "attest.example", .port = 443};
  for (const Initdata& initdata : {worker(), control}) EXPECT_EQ(parse_initdata(initdata_toml(initdata)), initdata);
}

TEST(Initdata, KeepsAnApostropheFromEndingTheTomlString) {
  Initdata initdata = worker();
  initdata.attestation.ca = "-----BEGIN CERTIFICATE-----\n'''\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(parse_initdata(initdata_toml(initdata)), initdata);
}

TEST(Initdata, AcceptsJsonOnOneLineInAnotherKindOfTomlString) {
  const std::string text =
      "algorithm = 'sha256'\nversion = '0.1.0'\n[data]\n'bulkhead.json'='{\"schema\":\"bulkhead.initdata/v1\","
      "\"tenant\":\"acme\",\"pool\":\"worker\",\"index\":3,\"kms\":null,\"time\":null,\"volumes\":[\"data\"],"
      "\"network\":{\"mac\":\"52:54:00:"
      "0a:"
      "0b:0c\",\"address\":\"10.20.1.10\",\"gateway\":\"10.20.1.1\"},\"attestation\":{\"url\":\"https://"
      "10.20.255.1:8443\","
      "\"ca\":\"-----BEGIN CERTIFICATE-----\\nMIIBxTCCAXegAwIBAgI=\\n-----END CERTIFICATE-----\\n\"}}'\n";
  EXPECT_EQ(parse_initdata(text), worker());
}

TEST(Initdata, RefusesEveryDeviationByName) {
  struct Case {
    const char *from, *to, *message;
  };
  const Case cases[] = {
      {"version = \"0.1.0\"", "version = \"0.2.0\"", "initdata.toml: version: got '0.2.0', wanted '0.1.0'"},
      {"version = \"0.1.0\"\n", "", "initdata.toml: version: missing"},
      {"\"sha256\"", "\"sha384\"", "initdata.toml: algorithm: got 'sha384', wanted 'sha256'"},
      {"\"sha256\"", "256", "initdata.toml:2: got '256', wanted a text in ', ''' or \""},
      {"\n[data]", "extra = ''\n[data]", "initdata.toml: document: unknown member 'extra'"},
      {"[data]\n", "[data]\n\"aa.toml\" = ''\n", "initdata.toml: data: unknown member 'aa.toml'"},
      {"[data]\n", "[Data]\n", "initdata.toml: document: unknown member 'Data'"},
      {"  \"index\": 3,\n", "", "initdata.toml: index: missing"},
      {"\"index\": 3", "\"index\": -1", "initdata.toml: index: got '-1', wanted 0 to 999"},
      {"\"index\": 3", "\"index\": 1000", "initdata.toml: index: got '1000', wanted 0 to 999"},
      {"\"index\": 3", "\"index\": \"3\"", "initdata.toml: index: got '\"3\"', wanted 0 to 999"},
      {"\"index\": 3", "\"index\": 3, \"index\": 4", "initdata.toml: bulkhead.json: duplicate member 'index'"},
      {"\"index\": 3", "\"index\": 3, \"debug\": true", "initdata.toml: bulkhead.json: unknown member 'debug'"},
      {"initdata/v1", "initdata/v2",
       "initdata.toml: schema: got 'bulkhead.initdata/v2', wanted 'bulkhead.initdata/v1'"},
      {"\"acme\"", "\"../acme\"",
       "initdata.toml: tenant: got '../acme', wanted 1 to 20 of [a-z0-9-], first a letter, last no dash"},
      {"\"acme\"", "\"\"", "initdata.toml: tenant: got '', wanted 1 to 20 of [a-z0-9-], first a letter, last no dash"},
      {"\"acme\"", "\"a-\"",
       "initdata.toml: tenant: got 'a-', wanted 1 to 20 of [a-z0-9-], first a letter, last no dash"},
      {"\"pool\": \"worker\"", "\"pool\": \"Worker\"",
       "initdata.toml: pool: got 'Worker', wanted 'control' or 'worker'"},
      {"52:54:00", "52:54:0A",
       "initdata.toml: network.mac: got '52:54:0A:0a:0b:0c', wanted six lower-case hexadecimal pairs of a unicast "
       "address"},
      {"52:54:00", "53:54:00",
       "initdata.toml: network.mac: got '53:54:00:0a:0b:0c', wanted six lower-case hexadecimal pairs of a unicast "
       "address"},
      {"52:54:00:0a:0b:0c", "52-54-00-0a-0b-0c",
       "initdata.toml: network.mac: got '52-54-00-0a-0b-0c', wanted six lower-case hexadecimal pairs of a unicast "
       "address"},
      {"52:54:00:0a:0b:0c", "00:00:00:00:00:00",
       "initdata.toml: network.mac: got '00:00:00:00:00:00', wanted six lower-case hexadecimal pairs of a unicast "
       "address"},
      {"10.20.1.10", "10.20.1",
       "initdata.toml: network.address: got '10.20.1', wanted an IPv4 address such as 10.20.1.10"},
      {"10.20.1.10", "10.20.1.010",
       "initdata.toml: network.address: got '10.20.1.010', wanted an IPv4 address such as 10.20.1.10"},
      {"10.20.1.10", "10.20.1.256",
       "initdata.toml: network.address: got '10.20.1.256', wanted an IPv4 address such as 10.20.1.10"},
      {"10.20.1.10", "10.20.1.10/24",
       "initdata.toml: network.address: got '10.20.1.10/24', wanted an IPv4 address such as 10.20.1.10"},
      {"    \"gateway\": \"10.20.1.1\",\n", "", "initdata.toml: network.gateway: missing"},
      {"\"gateway\"", "\"dns\": \"10.20.1.1\", \"gateway\"", "initdata.toml: network: unknown member 'dns'"},
      {"https://", "http://",
       "initdata.toml: attestation.url: got 'http://10.20.255.1:8443', wanted https://HOST or https://HOST:PORT"},
      {"-----BEGIN", "x-----BEGIN",
       "initdata.toml: attestation.ca: got 'x-----BEGIN CERTIFICATE-----\nMIIBxTCCAXegAwIBAgI=\n-----END "
       "CERTIFICATE-----\n', wanted exactly one PEM certificate"},
      {"\"kms\": null", "\"kms\": {}", "initdata.toml: kms.url: missing"},
      {"\"kms\": null", "\"kms\": 5", "initdata.toml: kms: wanted an object"},
      {"\"time\": null", "\"time\": 5",
       "initdata.toml: time: wanted null; this version has no time setting in initdata"},
      {"  \"kms\": null,\n", "", "initdata.toml: kms: missing"},
      {"\"volumes\"", "\"disks\"", "initdata.toml: bulkhead.json: unknown member 'disks'"},
      {",\n  \"volumes\": [\n    \"data\"\n  ]", "", "initdata.toml: volumes: missing"},
      {"[\n    \"data\"\n  ]", "{}", "initdata.toml: volumes: wanted a list"},
      {"    \"data\"", "    7", "initdata.toml: volumes: wanted texts"},
      {"    \"data\"", "    \"data\", \"data\"", "initdata.toml: volumes: got 'data', wanted each name once"},
      {"    \"data\"", "    \"../data\"",
       "initdata.toml: volumes: got '../data', wanted 1 to 20 of [a-z0-9-], first a letter, last no dash"},
      {"    \"data\"",
       "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\"q\"",
       "initdata.toml: volumes: got '17', wanted at most 16 names"},
      {"}\n'''", "}}\n'''", "initdata.toml: bulkhead.json: not JSON at byte 417"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(refusal(edited(one.from, one.to)), one.message) << one.from << " -> " << one.to;
}

TEST(Initdata, RefusesWhatIsNotItsPartOfTomlWithItsLine) {
  struct Case {
    const char *from, *to, *message;
  };
  const Case cases[] = {
      {"[data]", "[data", "initdata.toml:4: got '', wanted ] after the name of a table"},
      {"[data]", "[\x01]", "initdata.toml:4: got '\x01]', wanted a key"},
      {"[data]", "[da.ta]", "initdata.toml:4: got '.ta]', wanted ] after the name of a table"},
      {"[data]", "[data] x", "initdata.toml:4: got 'x', wanted the end of the line"},
      {"[data]", "[data]\n[data]", "initdata.toml:5: got ']', wanted no second 'data'"},
      {"\"0.1.0\"", "0.1.0", "initdata.toml:1: got '0.1.0', wanted a text in ', ''' or \""},
      {"\"0.1.0\"", "\"\"\"0.1.0\"\"\"", "initdata.toml:1: got '\"\"\"0.1.0\"\"\"', wanted a text in ', ''' or \""},
      {"\"0.1.0\"", "\"0.1.0", "initdata.toml:1: got '', wanted a text that ends"},
      {"\"0.1.0\"", "\"0.1.0\\u0041\"", "initdata.toml:1: got 'u0041\"', wanted one of \\\" \\\\ \\n \\r \\t"},
      {"\"0.1.0\"", "\"0.1.0\" ''", "initdata.toml:1: got '''', wanted the end of the line"},
      {"version = ", "version ", "initdata.toml:1: got '\"0.1.0\"', wanted = after a key"},
      {"algorithm", "version", "initdata.toml:2: got '', wanted no second 'version'"},
      {"algorithm", "\xc3\x86", "initdata.toml:2: got '\xc3\x86 = \"sha256\"', wanted a key"},
      {"\n[data]", "\r\n[data]", "initdata.toml:3: got '\r', wanted a key"},
      {"}\n'''\n", "}\n", "initdata.toml:26: got '', wanted a text that ends"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(refusal(edited(one.from, one.to)), one.message) << one.from << " -> " << one.to;
  EXPECT_EQ(refusal(std::string(20000, ' ')), "initdata.toml: 20000 bytes, wanted at most 16384");
}

TEST(Initdata, SkipsCommentsAndEmptyLinesAndReadsEscapes) {
  EXPECT_EQ(parse_initdata(edited("version = \"0.1.0\"", "# by hand\n\n\t'version' = '0.1.0' # first")), worker());
  EXPECT_EQ(refusal(edited("\"0.1.0\"", "\"\\\"\\\\\\n\\t\"")),
            "initdata.toml: version: got '\"\\\n\t', wanted '0.1.0'");
}

TEST(VolumeSerial, IsTheNameWhereADisksTwentyCharactersHoldIt) {
  EXPECT_EQ(volume_serial("data"), "data-data");
  EXPECT_EQ(volume_serial("fifteen-letters"), "data-fifteen-letters");
  // printf sixteen-letters1 | sha256sum
  EXPECT_EQ(volume_serial("sixteen-letters1"), "data-eb1e1a35f6743c0");
  EXPECT_NE(volume_serial("sixteen-letters1"), volume_serial("sixteen-letters2"));
}

TEST(HttpsUrl, KeepsHostAndPort) {
  EXPECT_EQ(parse_https_url("https://10.20.255.1:8443", "url"), (HttpsUrl{.host = "10.20.255.1", .port = 8443}));
  EXPECT_EQ(parse_https_url("https://kbs.example", "url"), (HttpsUrl{.host = "kbs.example", .port = 443}));
  EXPECT_EQ((HttpsUrl{.host = "kbs.example", .port = 443}).text(), "https://kbs.example");
  EXPECT_EQ((HttpsUrl{.host = "kbs.example", .port = 1}).text(), "https://kbs.example:1");
}

TEST(HttpsUrl, RefusesWhatIsMoreOrLessThanSchemeHostPort) {
  for (const char* text : {"",
                           "https://",
                           "http://a",
                           "HTTPS://a",
                           "https://a/",
                           "https://a/path",
                           "https://u@a",
                           "https://a?q",
                           "https://a#f",
                           "https://:1",
                           "https://a:",
                           "https://a:0",
                           "https://a:65536",
                           "https://a:08443",
                           "https://a:+1",
                           "https://a:1x",
                           "https://[::1]:1",
                           "https://A",
                           "https://a b",
                           "https://a..b",
                           "https://-a",
                           "https://.a",
                           "https://a:1:2"}) {
    EXPECT_THROW(parse_https_url(text, "url"), Error) << text;
  }
  EXPECT_THROW(parse_https_url("https://" + std::string(254, 'a'), "url"), Error);
}

}  // namespace
}  // namespace base
