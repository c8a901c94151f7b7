#include "guest/linux_devices.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/initdata.h"
#include "base/posix_files.h"

namespace guest {
namespace {

constexpr std::chrono::seconds device_patience{10};
constexpr std::size_t attribute_limit = 4096;

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, what);
}

/// A sysfs attribute without its line end; empty when there is none or the device does not answer.
std::string attribute(const std::filesystem::path& path) {
  try {
    std::string text = base::read_file_if_any(path, attribute_limit).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  } catch (const base::Error&) {
    return "";
  }
}

/// The one entry of a sysfs class directory whose attribute has this value.
std::optional<std::string> entry_with(const char* directory, const char* name, std::string_view value) {
  std::optional<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (attribute(entry.path() / name) != value) continue;
    if (found) fail("two devices in " + std::string(directory) + " have the " + name + " '" + std::string(value) + "'");
    found = entry.path().filename().string();
  }
  return found;
}

std::string wait_for(DeviceEvents& events, const std::function<std::optional<std::string>()>& find,
                     const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + device_patience;
  for (;;) {
    if (auto found = find()) return *found;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !events.wait(left)) break;
  }
  if (auto found = find()) return *found;
  fail("no " + what + " within " + std::to_string(device_patience.count()) + " seconds");
}

}  // namespace

DeviceEvents::DeviceEvents()
    : socket_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT)) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  kernel.nl_groups = 1;
  if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) != 0) {
    const int reason = errno;
    if (socket_ >= 0) ::close(socket_);
    fail(std::string("cannot listen for devices: ") + std::strerror(reason));
  }
}

DeviceEvents::~DeviceEvents() {
  ::close(socket_);
}

bool DeviceEvents::wait(std::chrono::milliseconds longest) {
  pollfd readable{socket_, POLLIN, 0};
  if (::poll(&readable, 1, static_cast<int>(longest.count())) <= 0) return false;
  std::array<char, 8192> message{};
  while (::recv(socket_, message.data(), message.size(), 0) > 0) {
  }
  return true;
}

std::optional<std::string> find_disk(std::string_view serial) {
  const auto name = entry_with("/sys/block", "serial", serial);
  return name ? std::optional("/dev/" + *name) : std::nullopt;
}

std::string wait_for_disk(DeviceEvents& events, std::string_view serial) {
  return wait_for(events, [&] { return find_disk(serial); }, "disk with the serial '" + std::string(serial) + "'");
}

std::string wait_for_interface(DeviceEvents& events, const std::array<std::uint8_t, 6>& mac) {
  const std::string text = base::mac_text(mac);
  return wait_for(
      events, [&] { return entry_with("/sys/class/net", "address", text); },
      "network interface with the address " + text);
}

}  // namespace guest
