#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct _virConnect;  // libvirt's own name behind virConnectPtr. NOLINT(bugprone-reserved-identifier)

namespace provisioner {

/// One connection to a libvirt daemon, shared by the drivers of one host. libvirt's printing to stderr is off; every
/// function here @throws Error{host} in libvirt's own words.
class LibvirtConnection {
 public:
  explicit LibvirtConnection(const std::string& uri);
  ~LibvirtConnection();
  LibvirtConnection(const LibvirtConnection&) = delete;
  LibvirtConnection& operator=(const LibvirtConnection&) = delete;
  [[nodiscard]] _virConnect* get() const noexcept { return connection_; }

 private:
  _virConnect* connection_;
};

/// @throws Error{host} "WHAT: what libvirt says"
[[noreturn]] void throw_libvirt_error(const std::string& what);

/// Whether the last call failed because the domain or network is no longer there: while we list, others undefine
/// theirs.
[[nodiscard]] bool is_gone_meanwhile();

}  // namespace provisioner
