#include "provisioner/network_xml.h"

#include <gtest/gtest.h>

namespace {

using provisioner::metadata_mark;
using provisioner::OwnerMark;

const OwnerMark mark{base::TenantId{"acme"},
                     *base::Sha256::parse("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")};

TEST(NetworkXml, LendsABridgeAndNothingElse) {
  EXPECT_EQ(provisioner::network_xml("bh-acme-worker", "bh01234567", mark),
            "<network>\n  <name>bh-acme-worker</name>\n"
            "  <metadata><bulkhead:owner xmlns:bulkhead='https://bulkhead.dev/xmlns/owner/1' tenant='acme' "
            "digest='0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'/></metadata>\n"
            "  <forward mode='bridge'/>\n  <bridge name='bh01234567'/>\n</network>\n");
}

TEST(NetworkXml, FindsTheMarkInWhatLibvirtReturns) {
  EXPECT_EQ(metadata_mark(provisioner::network_xml("n", "b", mark)), mark);
  const std::string by_libvirt =
      "<network connections='1'>\n  <metadata>\n    <bulkhead:owner "
      "xmlns:bulkhead=\"https://bulkhead.dev/xmlns/owner/1\" tenant=\"acme\" digest=\"" +
      mark.digest.hex() + "\"/>\n  </metadata>\n</network>";
  EXPECT_EQ(metadata_mark(by_libvirt), mark);
}

TEST(NetworkXml, SeesNoMarkInWhatIsNotOurs) {
  const std::string documents[] = {
      "",
      "<network><name>bh-acme-worker</name></network>",
      "<bulkhead:owner xmlns:bulkhead=\"https://elsewhere.example/1\" tenant=\"acme\" digest=\"" + mark.digest.hex() +
          "\"/>",
      "<bulkhead:owner xmlns:bulkhead=\"https://bulkhead.dev/xmlns/owner/1\" tenant=\"acme\"/><x digest=\"" +
          mark.digest.hex() + "\"/>",
      "<bulkhead:owner xmlns:bulkhead=\"https://bulkhead.dev/xmlns/owner/1\" tenant=\"acme\" digest=\"",
  };
  for (const std::string& document : documents) EXPECT_FALSE(metadata_mark(document).has_value()) << document;
}

}  // namespace
