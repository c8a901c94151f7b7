#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"

/// What PID 1 does with the kernel; all of it fails with Error{host} naming the call and its errno.
namespace guest {

/// /proc, /sys, securityfs, /dev and a tmpfs on /run.
void mount_kernel_file_systems();
/// Loads the modules that /modules lists, one path a line, in that order.
void load_modules();
/// One line on the console, where whoever runs the guest can see it.
void say(const std::string& text);

/// The device file of the virtio disk with this serial number, waiting up to `seconds` for it to appear.
/// @return empty when there is none
std::string disk_with_serial(std::string_view serial, unsigned seconds);
/// The whole content of a small disk. @throws Error{malformed} when it is larger than `limit` bytes
base::Buffer disk_content(const std::string& device, std::size_t limit);

/// Mounts the disk read-only and becomes its /sbin/init; returns only by throwing.
[[noreturn]] void become_userland(const std::string& root_device);
/// Stays as PID 1 without a userland until the machine is told to stop.
[[noreturn]] void wait_for_power_off();
/// Writes what is in memory to disk and switches the machine off.
[[noreturn]] void power_off();

}  // namespace guest
