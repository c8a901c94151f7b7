#include "provisioner/router_ruleset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/provisioner/loaded_by_nft.h"

namespace {

using provisioner::router_ruleset;
using provisioner::RouterRules;
using testing::HasSubstr;
using testing::Not;

RouterRules two_pools() {
  RouterRules rules;
  rules.pools = {{"control", "10.20.0.0/24", true}, {"worker", "10.20.1.0/24", true}};
  rules.service_address = "10.20.255.1";
  rules.service_port = 8443;
  return rules;
}

TEST(RouterRuleset, OfTwoPoolsWithOneFlowIsExactlyThis) {
  RouterRules rules = two_pools();
  rules.flows = {{{"worker", {}}, {"control", {}}, {6443}, {}}};
  EXPECT_EQ(router_ruleset(rules), R"(table inet bulkhead {
	chain sources {
		type filter hook prerouting priority raw; policy drop;
		iifname "lo" accept
		meta nfproto ipv6 drop
		meta pkttype != host drop
		ip saddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 240.0.0.0/4 } drop
		ip daddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 240.0.0.0/4 } drop
		iifname "control" ip saddr 10.20.0.0/24 accept
		iifname "worker" ip saddr 10.20.1.0/24 accept
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "lo" accept
		iifname "control" ip saddr 10.20.0.0/24 ip daddr 10.20.255.1 tcp dport 8443 ct state new accept
		iifname "worker" ip saddr 10.20.1.0/24 ip daddr 10.20.255.1 tcp dport 8443 ct state new accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "worker" ip saddr { 10.20.1.0/24 } oifname "control" ip daddr { 10.20.0.0/24 } tcp dport { 6443 } ct state new accept
	}
	chain output {
		type filter hook output priority filter; policy drop;
		oifname "lo" accept
		ct state established,related accept
	}
}
)");
}

TEST(RouterRuleset, OpensOneRuleForEachProtocolOfAFlow) {
  RouterRules rules = two_pools();
  rules.flows = {{{"worker", {}}, {"worker", {}}, {80, 443}, {53}}};
  const std::string ends = "iifname \"worker\" ip saddr { 10.20.1.0/24 } oifname \"worker\" ip daddr { 10.20.1.0/24 } ";
  EXPECT_THAT(router_ruleset(rules), HasSubstr("\t\t" + ends + "tcp dport { 80, 443 } ct state new accept\n\t\t" +
                                               ends + "udp dport { 53 } ct state new accept\n"));
}

TEST(RouterRuleset, OpensEveryProtocolOfAFlowWithoutPorts) {
  RouterRules rules = two_pools();
  rules.flows = {{{"control", {}}, {"control", {}}, {}, {}}};
  EXPECT_THAT(router_ruleset(rules), HasSubstr("oifname \"control\" ip daddr { 10.20.0.0/24 } ct state new accept\n"));
}

TEST(RouterRuleset, LetsIngressAndEgressPassTheUplinkBetweenTheNamedAddressesOnly) {
  RouterRules rules = two_pools();
  rules.uplinks = {{"up0", "192.0.2.0/24"}};
  rules.flows = {{{"up0", {"10.9.0.0/24"}}, {"control", {}}, {6443}, {}},
                 {{"worker", {}}, {"up0", {"198.51.100.7", "198.51.100.8"}}, {443}, {}}};
  const std::string text = router_ruleset(rules);
  EXPECT_THAT(text, HasSubstr("iifname \"up0\" ip saddr { 10.9.0.0/24 } oifname \"control\" ip daddr { 10.20.0.0/24 } "
                              "tcp dport { 6443 } ct state new accept\n"));
  EXPECT_THAT(text, HasSubstr("oifname \"up0\" ip daddr { 198.51.100.7, 198.51.100.8 } tcp dport { 443 }"));
  EXPECT_THAT(text, HasSubstr("iifname \"up0\" ip saddr != { 10.20.0.0/24, 10.20.1.0/24, 10.20.255.1 } accept\n"));
  EXPECT_THAT(text, HasSubstr("oifname \"up0\" ip saddr { 10.20.0.0/24, 10.20.1.0/24 } masquerade\n"));
}

TEST(RouterRuleset, KeepsPoolsWithoutServiceAwayFromIt) {
  RouterRules rules = two_pools();
  rules.pools[1].service = false;
  const std::string text = router_ruleset(rules);
  EXPECT_THAT(text, HasSubstr("iifname \"control\" ip saddr 10.20.0.0/24 ip daddr 10.20.255.1"));
  EXPECT_THAT(text, Not(HasSubstr("iifname \"worker\" ip saddr 10.20.1.0/24 ip daddr 10.20.255.1")));
}

TEST(RouterRuleset, RefusesAFlowThroughAnInterfaceItHasNot) {
  RouterRules rules = two_pools();
  rules.flows = {{{"worker", {}}, {"dmz", {}}, {1}, {}}};
  try {
    router_ruleset(rules);
    ADD_FAILURE() << "a flow to nowhere was rendered";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "a flow names interface 'dmz', which the router has not");
  }
}

TEST(RouterRuleset, LetsTheServiceAndNobodyElseOfTheRouterCallItsKms) {
  RouterRules rules = two_pools();
  rules.uplinks = {{"up0", "192.0.2.0/24"}};
  rules.calls = {{"up0", "192.0.2.9", 8200, 64000}};
  EXPECT_THAT(
      router_ruleset(rules),
      HasSubstr("\t\tct state established,related accept\n\t\toifname \"up0\" ip daddr 192.0.2.9 tcp dport 8200 "
                "meta skuid 64000 ct state new accept\n\t}\n"));
}

TEST(RouterRuleset, IsAcceptedByNft) {
  RouterRules rules = two_pools();
  rules.uplinks = {{"up0", "192.0.2.0/24"}};
  rules.flows = {{{"worker", {}}, {"control", {}}, {6443}, {53}},
                 {{"worker", {}}, {"worker", {}}, {}, {}},
                 {{"up0", {}}, {"control", {"10.20.0.10"}}, {6443}, {}},
                 {{"worker", {}}, {"up0", {"198.51.100.7", "198.51.100.8"}}, {443}, {}}};
  rules.calls = {{"up0", "192.0.2.9", 8200, 64000}};
  const std::optional<base::ProcessResult> result = loaded_by_nft(router_ruleset(rules));
  if (!result) GTEST_SKIP() << "no nft, or no user namespaces here";
  EXPECT_EQ(result->errors, "");
}

TEST(HostRuleset, DropsEverythingOnTheBridges) {
  EXPECT_EQ(provisioner::host_ruleset("bh_acme", {"bh01", "bh02"}), R"(table inet bh_acme {
	chain input {
		type filter hook input priority -10; policy accept;
		iifname { "bh01", "bh02" } drop
	}
	chain forward {
		type filter hook forward priority -10; policy accept;
		iifname { "bh01", "bh02" } drop
		oifname { "bh01", "bh02" } drop
	}
	chain output {
		type filter hook output priority -10; policy accept;
		oifname { "bh01", "bh02" } drop
	}
}
)");
}

TEST(HostRuleset, IsAcceptedByNft) {
  const std::optional<base::ProcessResult> result = loaded_by_nft(provisioner::host_ruleset("bh_acme-2", {"bh01"}));
  if (!result) GTEST_SKIP() << "no nft, or no user namespaces here";
  EXPECT_EQ(result->errors, "");
}

}  // namespace
