#include "provisioner/port_ruleset.h"

#include <gmock/gmock.h>

#include "tests/provisioner/loaded_by_nft.h"

namespace {

using provisioner::port_ruleset;

TEST(PortRuleset, LetsEachGuestSpeakAsItselfOnly) {
  EXPECT_EQ(port_ruleset("bh_acme",
                         {{"bh01", "52:54:00:00:00:01", "10.20.1.10"}, {"bh02", "52:54:00:00:00:02", "10.20.1.11"}}),
            R"(table bridge bh_acme {
	chain speakers {
		type filter hook prerouting priority -300; policy accept;
		iifname "bh01" ether saddr 52:54:00:00:00:01 arp saddr ether 52:54:00:00:00:01 arp saddr ip 10.20.1.10 accept
		iifname "bh01" ether saddr 52:54:00:00:00:01 ip saddr 10.20.1.10 accept
		iifname "bh01" drop
		iifname "bh02" ether saddr 52:54:00:00:00:02 arp saddr ether 52:54:00:00:00:02 arp saddr ip 10.20.1.11 accept
		iifname "bh02" ether saddr 52:54:00:00:00:02 ip saddr 10.20.1.11 accept
		iifname "bh02" drop
	}
}
)");
}

TEST(PortRuleset, IsAcceptedByNft) {
  const auto result = loaded_by_nft(port_ruleset("bh_acme-2", {{"bh01", "52:54:00:00:00:01", "10.20.1.10"}}));
  if (!result) GTEST_SKIP() << "no nft, or no user namespaces here";
  EXPECT_EQ(result->errors, "");
}

}  // namespace
