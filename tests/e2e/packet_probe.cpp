// Runs inside a test guest, statically linked: sends what a well-behaved program would not, and writes down what
// arrives. usage: packet_probe watch FILE | send HEX-OF-FRAME... | udp ADDRESS PORT TEXT
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* interface = "eth0";
constexpr std::size_t largest_frame = 2048;

sockaddr_ll link_address() {
  sockaddr_ll link{};
  link.sll_family = AF_PACKET;
  link.sll_protocol = htons(ETH_P_ALL);
  link.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  return link;
}

int open_link() {
  const int link = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  const sockaddr_ll address = link_address();
  if (link < 0 || ::bind(link, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("packet_probe: link");
    std::exit(1);
  }
  return link;
}

/// One line of hexadecimal digits for each frame that arrives; what this guest sends is left out.
int watch(const char* path) {
  const int link = open_link();
  std::FILE* const out = std::fopen(path, "w");
  if (out == nullptr) return 1;
  for (std::uint8_t frame[largest_frame];;) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(link, frame, sizeof frame, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return 1;
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    for (ssize_t i = 0; i < got; ++i) std::fprintf(out, "%02x", frame[i]);
    std::fputc('\n', out);
    std::fflush(out);
  }
}

int send_frame(std::string_view hex) {
  std::vector<std::uint8_t> frame;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    frame.push_back(static_cast<std::uint8_t>(std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
  }
  return ::send(open_link(), frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()) ? 0 : 1;
}

int send_udp(const char* address, const char* port, const char* text) {
  sockaddr_in internet{};
  sockaddr_in6 internet6{};
  internet.sin_family = AF_INET;
  internet6.sin6_family = AF_INET6;
  internet.sin_port = internet6.sin6_port = htons(static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
  internet6.sin6_scope_id = ::if_nametoindex(interface);
  const bool is_ipv4 = ::inet_pton(AF_INET, address, &internet.sin_addr) == 1;
  if (!is_ipv4 && ::inet_pton(AF_INET6, address, &internet6.sin6_addr) != 1) return 1;
  const int udp = ::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  const auto* const to =
      is_ipv4 ? reinterpret_cast<const sockaddr*>(&internet) : reinterpret_cast<const sockaddr*>(&internet6);
  return ::sendto(udp, text, std::strlen(text), 0, to, is_ipv4 ? sizeof internet : sizeof internet6) < 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "watch") return watch(argv[2]);
  if (words.size() == 4 && words[0] == "udp") return send_udp(argv[2], argv[3], argv[4]);
  if (words.size() < 2 || words[0] != "send") return 64;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (const int failed = send_frame(words[i]); failed != 0) return failed;
  }
  return 0;
}
