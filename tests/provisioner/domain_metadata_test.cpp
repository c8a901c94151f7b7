#include "provisioner/domain_metadata.h"

#include <gtest/gtest.h>

namespace {

using provisioner::definition_drift;

const provisioner::OwnerMark mark{
    base::TenantId{"acme"}, *base::Sha256::parse("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")};

/// A definition as libvirt 9.0 prints it, shortened to what launches the guest; `metadata` as libvirt keeps it.
std::string definition(const std::string& vcpus, const std::string& command_line, const std::string& metadata) {
  return "<domain type='qemu'>\n  <name>bh-acme-worker-0</name>\n" + metadata +
         "  <memory unit='KiB'>524288</memory>\n  <vcpu placement='static'>" + vcpus +
         "</vcpu>\n  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n"
         "    <loader readonly='yes' type='pflash' stateless='yes'>/f</loader>\n    <kernel>/k</kernel>\n    "
         "<cmdline>" +
         command_line + "</cmdline>\n  </os>\n  <devices/>\n</domain>\n";
}

/// What libvirt makes of the element that was set: its namespace's prefix and double quotes.
std::string kept_by_libvirt(std::string element) {
  element.replace(0, std::string("<owner").size(),
                  "<bulkhead:owner xmlns:bulkhead='https://bulkhead.dev/xmlns/owner/1'");
  for (char& c : element) c = c == '\'' ? '"' : c;
  return "  <metadata>\n    " + element + "\n  </metadata>\n";
}

TEST(DomainMetadata, SeesNoDriftInTheDefinitionItRecorded) {
  const std::string metadata = kept_by_libvirt(defined_metadata(mark, definition("2", "quiet", "")));
  EXPECT_EQ(definition_drift(definition("2", "quiet", metadata)), "");
}

TEST(DomainMetadata, NamesTheWordsThatChanged) {
  const std::string metadata = kept_by_libvirt(defined_metadata(mark, definition("2", "quiet", "")));
  EXPECT_EQ(definition_drift(definition("1", "quiet", metadata)), "vcpu 2 -> 1");
  EXPECT_EQ(definition_drift(definition("1", "quiet evil", metadata)), "vcpu 2 -> 1, cmdline quiet -> quiet evil");
  std::string other_device = definition("2", "quiet", metadata);
  other_device.replace(other_device.find("<devices/>"), 10, "<devices><x/></devices>");
  EXPECT_EQ(definition_drift(other_device), "definition changed");
}

TEST(DomainMetadata, SaysThatADefinitionWithoutARecordIsNotComplete) {
  const std::string metadata = "  <metadata>\n    " +
                               std::string("<bulkhead:owner xmlns:bulkhead=\"x\" tenant=\"acme\"/>") +
                               "\n  </metadata>\n";
  EXPECT_EQ(definition_drift(definition("2", "quiet", metadata)), "not completely defined");
}

TEST(DomainMetadata, NamesWhatARunningGuestWasStartedWith) {
  EXPECT_EQ(provisioner::running_drift(definition("2", "evil", ""), definition("2", "quiet", "")),
            "running with cmdline quiet -> evil");
}

}  // namespace
