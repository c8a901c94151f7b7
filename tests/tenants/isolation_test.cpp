#include "tenants/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "tests/tenants/example_documents.h"

namespace {

using examples::edited;
using examples::example;
using examples::service_at;
using examples::site;
using examples::tenant;
using ::testing::HasSubstr;

/// What the rules say about acme and an edited globex, one line a finding or note.
std::string findings(const std::vector<tenants::Tenant>& all, const std::map<std::string, std::string>& files = {}) {
  base::Diagnostics found;
  tenants::check_isolation(all, site(), files, found);
  return base::rendered(found, {});
}

std::string beside_acme(const std::vector<std::pair<std::string, std::string>>& edits) {
  return findings(
      {tenant("acme.yaml", example("acme.yaml")), tenant("globex.yaml", edited(example("globex.yaml"), edits))});
}

TEST(Isolation, FindsNothingBetweenTheExamples) {
  EXPECT_EQ(
      findings({tenant("acme.yaml", example("acme.yaml")), tenant("globex.yaml", example("globex.yaml")),
                tenant("snp.yaml", example("snp.yaml")), tenant("owner-service.yaml", example("owner-service.yaml"))}),
      "");
}

struct Case {
  const char* what;
  std::vector<std::pair<std::string, std::string>> edits;
  std::string expected;
};

class Neighbour : public ::testing::TestWithParam<Case> {};

TEST_P(Neighbour, IsRefusedWithBothPlaces) {
  EXPECT_EQ(beside_acme(GetParam().edits), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Isolation, Neighbour,
    ::testing::Values(
        Case{"SameName",
             {{"name: globex}", "name: acme}"}},
             "globex.yaml:4:18: error: metadata.name: another tenant is called 'acme'\n"
             "  acme.yaml:4:18: note: first used here\n"},
        Case{"NoConsentToEmulated",
             {{"emulated: true, ", ""}},
             "globex.yaml:6:8: error: spec.tee: emulated proves nothing against the operator; expected "
             "spec.consent.emulated: true\n"},
        Case{"NoConsentToTheOperatorsHost",
             {{", trustOperatorHost: true", ""}},
             "globex.yaml:11:32: error: attestation.placement: operatorHost protects against other tenants only; "
             "expected spec.consent.trustOperatorHost: true\n"},
        Case{"NoConsentToDebug",
             {{"  owners:", "  launchPolicy: {debug: true}\n  owners:"}},
             "globex.yaml:8:25: error: spec.launchPolicy.debug: the operator may read a guest that allows debug; "
             "expected spec.consent.debug: true\n"},
        Case{"SameApprovalKey",
             {{"globex-approval.pub", "acme-approval.pub"}},
             "globex.yaml:10:20: error: approvalKey: acme-approval.pub is already a key of tenant 'acme'\n"
             "  acme.yaml:10:20: note: first used here; every owner has keys of its own\n"},
        Case{"SameRecoveryKey",
             {{"      attestation", "      recoveryKey: acme-approval.pub\n      attestation"}},
             "globex.yaml:11:20: error: recoveryKey: acme-approval.pub is already a key of tenant 'acme'\n"
             "  acme.yaml:10:20: note: first used here; every owner has keys of its own\n"},
        Case{"SameIdKey",
             {{"      attestation", "      idKey: acme-approval.pub\n      attestation"}},
             "globex.yaml:11:14: error: idKey: acme-approval.pub is already a key of tenant 'acme'\n"
             "  acme.yaml:10:20: note: first used here; every owner has keys of its own\n"},
        Case{"SameCertificateAuthority",
             {{"globex-ca.pem", "acme-ca.pem"}},
             "globex.yaml:11:83: error: attestation.ca: acme-ca.pem is already a CA of tenant 'acme'\n"
             "  acme.yaml:11:83: note: first used here; every tenant has a CA of its own\n"},
        Case{"SameServiceAddress",
             {{"10.21.255.1", "10.20.255.1"}},
             "globex.yaml:11:51: error: attestation.url: https://10.20.255.1:8443 is already the attestation service "
             "of tenant 'acme'\n"
             "  acme.yaml:11:51: note: first used here; a service at operatorHost cannot be shared\n"
             "globex.yaml:11:51: error: attestation.url: 10.20.255.1 is already the address of a service\n"
             "  acme.yaml:11:51: note: first used here\n"},
        Case{"SameServiceHostOnAnotherPort",
             {{"10.21.255.1:8443", "10.20.255.1:8444"}},
             "globex.yaml:11:51: error: attestation.url: 10.20.255.1 is already the address of a service\n"
             "  acme.yaml:11:51: note: first used here\n"},
        Case{"ServiceInsideANetwork",
             {{"10.21.255.1", "10.21.1.200"}},
             "globex.yaml:11:51: error: attestation.url: 10.21.1.200 lies inside 10.21.1.0/24 of tenant 'globex'; "
             "services have an address outside all networks\n"
             "  globex.yaml:18:25: note: this subnet\n"},
        Case{"ServiceOnLoopback",
             {{"10.21.255.1", "127.0.0.1"}},
             "globex.yaml:11:51: error: attestation.url: 127.0.0.1 is a loopback address\n"},
        Case{"PoolsOnOneNetwork",
             {{"network: globex-work", "network: globex-control"}},
             "globex.yaml:15:70: error: network: worker is on 'globex-control' like control; expected different "
             "networks\n"
             "  globex.yaml:14:71: note: control is here\n"
             "globex.yaml:23:26: error: flows: pool 'worker' has no way there: its network 'globex-control' has no "
             "uplink\n"
             "  globex.yaml:17:5: note: this network\n"},
        Case{"UnknownNetwork",
             {{"network: globex-work", "network: elsewhere"}},
             "globex.yaml:15:70: error: network: spec.networks has no 'elsewhere'\n"
             "  globex.yaml:4:18: note: in this tenant\n"},
        Case{"OverlappingSubnet",
             {{"10.21.1.0/24", "10.20.0.0/16"}},
             "globex.yaml:18:25: error: cidr: 10.20.0.0/16 overlaps 10.20.0.0/24 of tenant 'acme'\n"
             "  acme.yaml:17:26: note: this subnet\n"
             "globex.yaml:18:25: error: cidr: 10.20.0.0/16 overlaps 10.20.1.0/24 of tenant 'acme'\n"
             "  acme.yaml:18:23: note: this subnet\n"
             "acme.yaml:11:51: error: attestation.url: 10.20.255.1 lies inside 10.20.0.0/16 of tenant 'globex'; "
             "services have an address outside all networks\n"
             "  globex.yaml:18:25: note: this subnet\n"},
        Case{"LinkLocalSubnet",
             {{"10.21.0.0/24", "169.254.0.0/24"}},
             "globex.yaml:17:28: error: cidr: 169.254.0.0/24 has link-local addresses\n"},
        Case{"UnknownUplink",
             {{"name: lan", "name: wan"}},
             "globex.yaml:18:54: error: uplink.name: host 'local' has no uplink 'wan'\n"
             "  site.yaml:7:13: note: this host\n"},
        Case{"SameUplinkAddress",
             {{"192.168.7.21/24", "192.168.7.20/24"}},
             "globex.yaml:18:68: error: uplink.address: 192.168.7.20 is already taken on 'lan'\n"
             "  acme.yaml:18:66: note: first used here\n"},
        Case{"GatewayElsewhere",
             {{"gateway: 192.168.7.1", "gateway: 192.168.8.1"}},
             "globex.yaml:18:94: error: uplink.gateway: expected another address of 192.168.7.0/24, got '192.168.8.1'\n"
             "  globex.yaml:18:68: note: the router's address\n"},
        Case{"UplinkOverASubnet",
             {{"192.168.7.21/24, gateway: 192.168.7.1", "10.21.0.2/24, gateway: 10.21.0.1"}},
             "globex.yaml:18:68: error: uplink.address: 10.21.0.2/24 overlaps 10.21.0.0/24 of tenant 'globex'\n"
             "  globex.yaml:17:28: note: this subnet\n"},
        Case{"TooManyGuestsForTheSubnet",
             {{"count: 1", "count: 6"}, {"10.21.0.0/24", "10.21.0.0/28"}},
             "globex.yaml:14:22: error: count: 6 guests do not fit 10.21.0.0/28, which has 5 addresses from the tenth "
             "on; give a larger subnet or addresses\n"
             "  globex.yaml:17:28: note: this subnet\n"},
        Case{"AddressOfTheGateway",
             {{"network: globex-control", "network: globex-control, addresses: [10.21.0.1]"}},
             "globex.yaml:14:99: error: addresses: 10.21.0.1 is no address for a guest in 10.21.0.0/24\n"
             "  globex.yaml:17:28: note: this subnet; its first address is the gateway's\n"},
        Case{"FlowWithoutUplink",
             {{"from: worker, to: uplink", "from: control, to: uplink"}},
             "globex.yaml:23:27: error: flows: pool 'control' has no way there: its network 'globex-control' has no "
             "uplink\n"
             "  globex.yaml:17:5: note: this network\n"},
        Case{"SharedWritableVolume",
             {{"size: 1GiB}", "size: 1GiB, shared: true}"}},
             "globex.yaml:14:104: error: volumes: 'etcd' is shared and writable; expected readOnly: true beside "
             "shared: true\n"
             "  globex.yaml:14:22: note: shared by the guests of this pool\n"}),
    [](const auto& test) { return std::string(test.param.what); });

TEST(Isolation, KnowsAKeyByItsContentWhateverItsFileIsCalled) {
  const std::string key = base::PrivateKey::generate(base::PrivateKey::Type::ed25519).public_key().pem();
  const std::string found =
      findings({tenant("a/acme.yaml", example("acme.yaml")), tenant("g/globex.yaml", example("globex.yaml"))},
               {{"a/acme-approval.pub", key}, {"g/globex-approval.pub", key}});
  EXPECT_THAT(found, HasSubstr("approvalKey: globex-approval.pub is already a key of tenant 'acme'"));
}

TEST(Isolation, NamesAKeyFileThatIsNone) {
  EXPECT_THAT(findings({tenant("acme.yaml", example("acme.yaml"))}, {{"acme-approval.pub", "hello"}}),
              HasSubstr("acme.yaml:10:20: error:"));
}

TEST(Isolation, TellsEqualNamesInDifferentFoldersApart) {
  const std::string other = edited(example("globex.yaml"), {{"globex-approval.pub", "acme-approval.pub"}});
  EXPECT_EQ(findings({tenant("a/acme.yaml", example("acme.yaml")), tenant("g/globex.yaml", other)}), "");
}

TEST(Isolation, ReportsTwoGuestsWhoseHashedMacAddressesCollide) {
  tenants::Tenant one = tenant("acme.yaml", example("acme.yaml"));
  tenants::Tenant other = tenant("globex.yaml", example("globex.yaml"));
  one.name.value = "t650";  // two names whose digests begin alike, found by search
  other.name.value = "t2565";
  base::Diagnostics found;
  tenants::distinct_derived_names({{one, other}, site(), {}}, found);
  EXPECT_EQ(
      base::rendered(found, {}),
      "globex.yaml:4:18: error: MAC address 52:54:00:66:91:af of t2565/control/0 is already that of t650/worker/0; "
      "rename one of the tenants\n  acme.yaml:4:18: note: first used here\n");
}

TEST(Isolation, RefusesOverlappingVsockContextIds) {
  const std::string first = edited(example("acme.yaml"), {{"  flows:", "  vsockCid: 1000\n  flows:"}});
  for (const auto& [cid, findings_wanted] :
       std::map<std::string, unsigned>{{"1127", 1}, {"1128", 0}, {"872", 0}, {"873", 1}}) {
    const std::string second = edited(example("globex.yaml"), {{"  flows:", "  vsockCid: " + cid + "\n  flows:"}});
    base::Diagnostics found;
    tenants::distinct_vsock_cids({{tenant("acme.yaml", first), tenant("globex.yaml", second)}, site(), {}}, found);
    EXPECT_EQ(found.errors(), findings_wanted) << cid;
  }
}

struct Sharing {
  const char* ours;
  const char* theirs;
  const char* place_of_theirs;
  const char* expected;
};

TEST(Isolation, AllowsASharedKmsOnlyWhenBothSidesSaySoAndTheStoreDiffers) {
  const Sharing cases[] = {
      {"", "", "globex", "separate endpoints, or declare sharedWith on both sides"},
      {", sharedWith: [globex]", "", "globex", "separate endpoints, or declare sharedWith on both sides"},
      {", sharedWith: [globex]", ", sharedWith: [acme]", "globex", ""},
      {", sharedWith: [globex]", ", sharedWith: [acme]", "acme", "with the same namespace and mount"},
  };
  const std::string kms =
      "      kms: {placement: owner, provider: openbao, url: \"https://bao.example:8200\", mount: cvm, ";
  for (const Sharing& one : cases) {
    const std::string ours = kms + "ca: a.pem, namespace: acme" + one.ours + "}\n      attestation";
    const std::string theirs =
        kms + "ca: g.pem, namespace: " + one.place_of_theirs + one.theirs + "}\n      attestation";
    const std::string found =
        findings({tenant("acme.yaml", edited(example("acme.yaml"), {{"      attestation", ours}})),
                  tenant("globex.yaml", edited(example("globex.yaml"), {{"      attestation", theirs}}))});
    if (*one.expected == 0) {
      EXPECT_EQ(found, "");
    }
    EXPECT_THAT(found, HasSubstr(one.expected));
  }
}

TEST(Isolation, KnowsTenantsOfOneKmipServerApartByTheirCertificates) {
  const auto both = [](const char* ours, const char* theirs) {
    const auto edit = [](const char* name, const char* other, const char* certificate) {
      const std::string ca = name == std::string("acme") ? "a.pem" : "g.pem";
      return edited(example(std::string(name) + ".yaml"),
                    {{"      attestation",
                      "      kms: {placement: owner, provider: kmip, url: \"kmip://192.168.7.9:5696\", ca: " + ca +
                          certificate + ", sharedWith: [" + other + "]}\n      attestation"}});
    };
    return findings(
        {tenant("acme.yaml", edit("acme", "globex", ours)), tenant("globex.yaml", edit("globex", "acme", theirs))});
  };
  EXPECT_EQ(both(", certificate: acme-kms.pem", ", certificate: globex-kms.pem"), "");
  EXPECT_THAT(both(", certificate: acme-kms.pem", ""), HasSubstr(", and not both have a client certificate"));
  EXPECT_THAT(both(", certificate: one.pem", ", certificate: one.pem"),
              HasSubstr("kms.certificate: one.pem is already the client certificate of tenant 'acme'"));
}

TEST(Isolation, RefusesATokenOfAnotherTenant) {
  const auto with_token = [](const char* name, const char* token) {
    return tenant(std::string(name) + ".yaml",
                  edited(example(std::string(name) + ".yaml"),
                         {{"      attestation", std::string("      kms: {placement: owner, provider: pkcs11, token: ") +
                                                    token + "}\n      attestation"}}));
  };
  EXPECT_EQ(findings({with_token("acme", "acme"), with_token("globex", "globex")}), "");
  EXPECT_THAT(findings({with_token("acme", "hsm"), with_token("globex", "hsm")}),
              HasSubstr("kms.token: hsm is already the token of tenant 'acme'"));
}

TEST(Isolation, WantsAWayFromTheServiceToTheKms) {
  const auto at = [](const char* address, const std::vector<std::pair<std::string, std::string>>& edits = {}) {
    std::vector<std::pair<std::string, std::string>> all = edits;
    all.push_back(
        {"      attestation", std::string("      kms: {placement: owner, provider: openbao, url: \"https://") +
                                  address + ":8200\", ca: k.pem}\n      attestation"});
    return findings({tenant("acme.yaml", edited(example("acme.yaml"), all))});
  };
  EXPECT_EQ(at("192.168.7.9"), "") << "in the uplink's subnet";
  EXPECT_EQ(at("203.0.113.9"), "") << "behind its gateway";
  EXPECT_EQ(at("bao.example"), "") << "apply refuses names";
  EXPECT_THAT(at("127.0.0.1"), HasSubstr("kms.url: 127.0.0.1 is a loopback address"));
  EXPECT_THAT(at("10.20.1.9"), HasSubstr("kms.url: 10.20.1.9 lies inside 10.20.1.0/24 of tenant 'acme'"));
  EXPECT_THAT(at("192.168.7.9", {{", uplink: {name: lan, address: 192.168.7.20/24, gateway: 192.168.7.1}", ""},
                                 {"    - {from: worker, to: uplink, addresses: [198.51.100.0/24], tcp: [443]}\n", ""}}),
              HasSubstr("kms.url: 192.168.7.9 cannot be reached: no network of the tenant has an uplink by name"));
}

TEST(Isolation, FindsNothingInTheExampleOfPassports) {
  EXPECT_EQ(findings({tenant("passport.yaml", example("passport.yaml"))}), "");
}

TEST(Isolation, WantsAWayFromTheGuestsToAKmsThatTheyAskThemselves) {
  const auto at = [](const char* address) {
    return findings({tenant(
        "acme.yaml",
        edited(example("acme.yaml"),
               {{"      attestation: {placement: operatorHost, url: \"https://10.20.255.1:8443\"",
                 std::string("      kms: {placement: owner, provider: openbao, model: passport, url: \"https://") +
                     address +
                     ":8200\", ca: k.pem}\n      attestation: {placement: owner, url: \"https://192.168.7.9:8443\""},
                {", uplink: {name: lan, address: 192.168.7.20/24, gateway: 192.168.7.1}", ""},
                {"    - {from: worker, to: uplink, addresses: [198.51.100.0/24], tcp: [443]}\n", ""}}))});
  };
  EXPECT_THAT(at("192.168.7.9"), ::testing::AllOf(HasSubstr("kms.url: 192.168.7.9 cannot be reached"),
                                                  HasSubstr("by the guests themselves")));
}

TEST(Isolation, WantsAWayFromTheGuestsToAServiceAtTheOwners) {
  const auto at = [](const char* host, const std::vector<std::pair<std::string, std::string>>& edits = {}) {
    std::vector<std::pair<std::string, std::string>> all = service_at(host);
    all.insert(all.end(), edits.begin(), edits.end());
    return findings({tenant("acme.yaml", edited(example("acme.yaml"), all))});
  };
  EXPECT_EQ(at("192.168.7.9"), "");
  EXPECT_EQ(at("as.example"), "") << "apply refuses names";
  EXPECT_THAT(at("10.20.1.9"), HasSubstr("attestation.url: 10.20.1.9 lies inside 10.20.1.0/24 of tenant 'acme'"));
  EXPECT_THAT(at("169.254.1.1"), HasSubstr("attestation.url: 169.254.1.1 is a link-local address"));
  EXPECT_THAT(
      at("192.168.7.9", {{", uplink: {name: lan, address: 192.168.7.20/24, gateway: 192.168.7.1}", ""},
                         {"    - {from: worker, to: uplink, addresses: [198.51.100.0/24], tcp: [443]}\n", ""}}),
      HasSubstr("attestation.url: 192.168.7.9 cannot be reached: no network of the tenant has an uplink by name"));
}

TEST(Isolation, WantsAnEmbeddedStoreWhereTheServiceIs) {
  const auto with = [](const char* placement, std::vector<std::pair<std::string, std::string>> edits) {
    edits.push_back({"      attestation",
                     std::string("      kms: {placement: ") + placement + ", provider: embedded}\n      attestation"});
    return findings({tenant("acme.yaml", edited(example("acme.yaml"), edits))});
  };
  EXPECT_EQ(with("owner", service_at("192.168.7.9")), "");
  EXPECT_EQ(with("operatorHost", {}), "");
  EXPECT_EQ(with("operatorHost", service_at("192.168.7.9")),
            "acme.yaml:11:24: error: kms.placement: the embedded store is a file of the attestation service; expected "
            "owner, got operatorHost\n  acme.yaml:12:32: note: the service is here\n");
  EXPECT_THAT(with("owner", {}), HasSubstr("expected operatorHost, got owner"));
}

TEST(Isolation, RefusesNamesThatNoParserSaw) {
  tenants::Tenant acme = tenant("acme.yaml", example("acme.yaml"));
  acme.name.value = "../acme";
  base::Diagnostics found;
  tenants::safe_names({{acme}, site(), {}}, found);
  EXPECT_EQ(found.errors(), 1U);
}

}  // namespace
