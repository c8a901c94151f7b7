#pragma once
#include <string>

#include "provisioner/owner_mark.h"

namespace provisioner {

/// The XML namespace of what Bulkhead writes into libvirt metadata.
inline constexpr const char* metadata_namespace = "https://bulkhead.dev/xmlns/owner/1";

/// The metadata element that marks a network or domain as a tenant's.
/// @param extra further attributes, each beginning with a space and escaped
std::string metadata_xml(const OwnerMark& mark, const std::string& extra = {});

/// A libvirt network that lends a bridge made by us to guests: no address, DHCP, DNS or rule of libvirt's own.
/// @param bridge an existing Linux bridge
std::string network_xml(const std::string& name, const std::string& bridge, const OwnerMark& mark);

/// The value of an attribute of our metadata element in a document libvirt returns; empty when it has none.
std::string metadata_attribute(const std::string& xml, const std::string& attribute);

/// The mark in a document libvirt returns.
std::optional<OwnerMark> metadata_mark(const std::string& xml);

}  // namespace provisioner
