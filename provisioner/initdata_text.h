#pragma once
#include <string>

#include "provisioner/intent.h"

namespace provisioner {

/// What a guest must know of its network before it has any.
struct GuestNetwork {
  std::string mac, address, gateway;
};

/// A guest's initdata document, as docs/architecture.md lays it down; the same input gives the same bytes.
/// Source: Confidential Containers initdata specification 0.1.0
std::string initdata_text(const base::GuestId& guest, const GuestNetwork& network, const ServiceIntent& service);

}  // namespace provisioner
