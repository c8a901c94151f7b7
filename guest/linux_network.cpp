#include "guest/linux_network.h"

#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace guest {
namespace {

using Ipv4 = std::array<std::uint8_t, 4>;
constexpr Ipv4 any{0, 0, 0, 0}, host_mask{255, 255, 255, 255};

/// An Internet socket to give the kernel orders through.
class Configurator {
 public:
  Configurator() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  Configurator(const Configurator&) = delete;
  Configurator& operator=(const Configurator&) = delete;
  ~Configurator() { ::close(socket_); }
  void order(unsigned long request, void* argument, const std::string& what) const {
    if (::ioctl(socket_, request, argument) == 0) return;
    throw base::Error(base::Kind::host, "network: cannot " + what + ": " + std::strerror(errno));
  }

 private:
  int socket_;
};

sockaddr socket_address(const Ipv4& address) {
  sockaddr_in internet{};
  internet.sin_family = AF_INET;
  std::memcpy(&internet.sin_addr, address.data(), address.size());
  sockaddr out{};
  std::memcpy(&out, &internet, sizeof out);
  return out;
}

ifreq request_for(const std::string& interface) {
  ifreq request{};
  std::copy_n(interface.begin(), std::min(interface.size(), sizeof request.ifr_name - 1), request.ifr_name);
  return request;
}

void raise(const Configurator& kernel, const std::string& interface) {
  ifreq request = request_for(interface);
  request.ifr_flags = IFF_UP;
  kernel.order(SIOCSIFFLAGS, &request, "raise " + interface);
}

void set_address(const Configurator& kernel, const std::string& interface, const Ipv4& address) {
  ifreq request = request_for(interface);
  request.ifr_addr = socket_address(address);
  kernel.order(SIOCSIFADDR, &request, "set the address of " + interface);
  request.ifr_netmask = socket_address(host_mask);
  kernel.order(SIOCSIFNETMASK, &request, "set the netmask of " + interface);
}

void add_route(const Configurator& kernel, std::string interface, const Ipv4& to, const Ipv4& mask,
               const Ipv4& gateway) {
  rtentry route{};
  route.rt_dst = socket_address(to);
  route.rt_genmask = socket_address(mask);
  route.rt_gateway = socket_address(gateway);
  route.rt_flags =
      static_cast<unsigned short>(RTF_UP | (mask == host_mask ? RTF_HOST : 0) | (gateway == any ? 0 : RTF_GATEWAY));
  route.rt_dev = interface.data();
  kernel.order(SIOCADDRT, &route, "add the route to " + base::ipv4_text(to) + " through " + base::ipv4_text(gateway));
}

void disable_ipv6() {
  for (const char* scope : {"all", "default"}) {
    const std::string path = std::string("/proc/sys/net/ipv6/conf/") + scope + "/disable_ipv6";
    if (::access(path.c_str(), F_OK) != 0) continue;
    if (!(std::ofstream(path) << "1").flush()) throw base::Error(base::Kind::host, "network: cannot write " + path);
  }
}

}  // namespace

void configure_network(const std::string& interface, const base::Initdata::Network& network) {
  disable_ipv6();
  const Configurator kernel;
  raise(kernel, "lo");
  set_address(kernel, interface, network.address);
  raise(kernel, interface);
  add_route(kernel, interface, network.gateway, host_mask, any);
  add_route(kernel, interface, any, any, network.gateway);
}

}  // namespace guest
