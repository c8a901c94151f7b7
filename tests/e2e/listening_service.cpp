// Takes the arguments of bulkhead-attestd, holds the lock, listens on both sockets and says who it is, until it is told
// to stop. host_drivers_test.cpp starts it in the service's place.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>

namespace {

void expect(bool good, const char* what) {
  if (good) return;
  std::cerr << what << ": " << std::strerror(errno) << std::endl;
  std::exit(1);
}

void hold_lock(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  expect(file >= 0 && fcntl(file, F_SETLK, &lock) == 0, path.c_str());
}

void listen_at(int family, const void* address, std::size_t size) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  expect(bind(socket, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0, "bind");
  expect(listen(socket, 8) == 0, "listen");
}

void listen_for_admin(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  listen_at(AF_UNIX, &address, sizeof(address));
}

void listen_for_guests(const std::string& text) {
  const std::size_t colon = text.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1))));
  expect(inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1, "address");
  listen_at(AF_INET, &address, sizeof(address));
}

}  // namespace

int main(int count, char** words) {
  std::map<std::string, std::string> flags;
  for (int i = 1; i + 1 < count; i += 2) flags[words[i]] = words[i + 1];
  hold_lock(flags["--lock"]);
  listen_for_admin(flags["--admin"]);
  listen_for_guests(flags["--listen"]);
  uid_t real = 0, effective = 0, saved = 0;
  expect(getresuid(&real, &effective, &saved) == 0, "getresuid");
  std::cout << "listening as " << real << " " << effective << " " << saved << ", " << getgroups(0, nullptr)
            << " more groups" << std::endl;
  pause();
  return 0;
}
