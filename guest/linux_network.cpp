#include "guest/linux_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"

namespace guest {
namespace {

class Control {
 public:
  Control() : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  ~Control() { ::close(descriptor_); }
  void call(unsigned long request, void* argument, const std::string& what) const {
    if (::ioctl(descriptor_, request, argument) != 0) {
      throw base::Error(base::Kind::host, "network: " + what + ": " + std::strerror(errno));
    }
  }

 private:
  int descriptor_;
};

using Ipv4 = std::array<std::uint8_t, 4>;
constexpr Ipv4 any = {0, 0, 0, 0};
constexpr Ipv4 one_address = {255, 255, 255, 255};

sockaddr socket_address(const Ipv4& address) {
  sockaddr_in internet{};
  internet.sin_family = AF_INET;
  std::memcpy(&internet.sin_addr, address.data(), address.size());
  sockaddr out{};
  std::memcpy(&out, &internet, sizeof(out));
  return out;
}

ifreq request_for(const std::string& interface) {
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

void set_up(const Control& control, const std::string& interface) {
  ifreq request = request_for(interface);
  control.call(SIOCGIFFLAGS, &request, "read flags of " + interface);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  control.call(SIOCSIFFLAGS, &request, "bring up " + interface);
}

std::string interface_with(const std::string& mac) {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net")) {
    const std::optional<std::string> address = base::read_file_if_any((entry.path() / "address").string(), 4096);
    if (address && address->substr(0, address->find('\n')) == mac) return entry.path().filename().string();
  }
  throw base::Error(base::Kind::host, "network: no interface has the initdata's address " + mac);
}

void switch_off_ipv6() {
  for (const char* const scope : {"all", "default"}) {
    const std::string path = std::string("/proc/sys/net/ipv6/conf/") + scope + "/disable_ipv6";
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) continue;  // a kernel without IPv6
    const ssize_t written = ::write(file, "1", 1);
    ::close(file);
    if (written != 1) throw base::Error(base::Kind::host, "network: cannot switch off IPv6");
  }
}

/// The host itself on the interface's own link.
void add_link_route(const Control& control, const std::string& interface, const Ipv4& to) {
  rtentry route{};
  std::string device = interface;
  route.rt_dst = socket_address(to);
  route.rt_genmask = socket_address(one_address);
  route.rt_flags = RTF_UP | RTF_HOST;
  route.rt_dev = device.data();
  control.call(SIOCADDRT, &route, "route to " + base::ipv4_text(to));
}

void add_default_route(const Control& control, const Ipv4& gateway) {
  rtentry route{};
  route.rt_dst = socket_address(any);
  route.rt_genmask = socket_address(any);
  route.rt_gateway = socket_address(gateway);
  route.rt_flags = RTF_UP | RTF_GATEWAY;
  control.call(SIOCADDRT, &route, "default route through " + base::ipv4_text(gateway));
}

}  // namespace

void bring_up_network(const base::Initdata::Network& network) {
  const Control control;
  switch_off_ipv6();
  set_up(control, "lo");
  const std::string interface = interface_with(base::mac_text(network.mac));
  ifreq address = request_for(interface);
  address.ifr_addr = socket_address(network.address);
  control.call(SIOCSIFADDR, &address, "address of " + interface);
  ifreq mask = request_for(interface);
  mask.ifr_netmask = socket_address(one_address);
  control.call(SIOCSIFNETMASK, &mask, "mask of " + interface);
  set_up(control, interface);
  add_link_route(control, interface, network.gateway);
  add_default_route(control, network.gateway);
}

}  // namespace guest
