#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace guest {

/// The kernel's announcements of new devices, heard from construction on. Nothing in them is believed: they only say
/// when to look again.
class DeviceEvents {
 public:
  /// @throws Error{host} when the kernel gives no such socket
  DeviceEvents();
  DeviceEvents(const DeviceEvents&) = delete;
  DeviceEvents& operator=(const DeviceEvents&) = delete;
  ~DeviceEvents();
  /// Waits for an announcement; false when none came in time.
  bool wait(std::chrono::milliseconds longest);

 private:
  int socket_;
};

/// The device node of the one virtio disk with this serial: "/dev/vda". nullopt when there is none.
/// @throws Error{host} when two disks have it
std::optional<std::string> find_disk(std::string_view serial);
/// find_disk(), waiting up to ten seconds for it. @throws Error{host} "no disk with the serial ..."
std::string wait_for_disk(DeviceEvents& events, std::string_view serial);
/// The name of the network interface with this MAC, waiting up to ten seconds for it: "eth0". @throws Error{host}
std::string wait_for_interface(DeviceEvents& events, const std::array<std::uint8_t, 6>& mac);

}  // namespace guest
