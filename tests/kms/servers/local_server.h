#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>

/// Servers that tests start on 127.0.0.1.
namespace kms::local_server {

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Binds to a port that is free. @return the port
  std::uint16_t bind_anywhere() {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot bind to 127.0.0.1");
    return ntohs(address.sin_port);
  }
  bool connects_to(std::uint16_t port) {
    const sockaddr_in address = loopback(port);
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  int descriptor_;
};

/// A port nobody listens on now; the server that is told to use it takes it at once.
inline std::uint16_t free_port() {
  return Socket().bind_anywhere();
}

/// Whether somebody listens within 30 seconds, unless `ended` says that nobody will.
inline bool listens(std::uint16_t port, const std::function<bool()>& ended) {
  for (int tries = 0; tries < 600 && !ended(); ++tries) {
    if (Socket().connects_to(port)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace kms::local_server
