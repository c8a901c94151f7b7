#include "provisioner/libvirt_connection.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/error.h"

namespace provisioner {

LibvirtConnection::LibvirtConnection(const std::string& uri) {
  ::virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
  connection_ = ::virConnectOpen(uri.c_str());
  if (connection_ == nullptr) throw_libvirt_error("cannot connect to libvirt at " + uri + "; is libvirtd running?");
}

LibvirtConnection::~LibvirtConnection() {
  ::virConnectClose(connection_);
}

void throw_libvirt_error(const std::string& what) {
  const char* const message = ::virGetLastErrorMessage();
  throw base::Error(base::Kind::host, what + ": " + (message == nullptr ? "unknown error" : message));
}

bool is_gone_meanwhile() {
  const int code = ::virGetLastErrorCode();
  return code == VIR_ERR_NO_DOMAIN || code == VIR_ERR_NO_NETWORK;
}

}  // namespace provisioner
