#pragma once
#include <functional>
#include <string>

namespace guest {

/// What PID 1 does before and after the attestation. All throw Error{host} with the kernel's reason.

/// Mounts /proc, /sys, securityfs, /dev and /run (a tmpfs of mode 0755).
void mount_kernel_filesystems();
/// Mounts configfs, which is a module of many kernels, where it is not mounted yet. @pre load_modules()
void mount_configfs();
/// Loads the modules listed in `list`, one absolute path a line, in this order. Loading a module twice is no error.
void load_modules(const std::string& list);
/// Writes /run/bulkhead/hostname and resolv.conf, to which the root disk's /etc points. @param name "worker-0"
void describe_host(const std::string& name);
/// Mounts `disk` (ext4) read-only, moves the kernel's file systems there and becomes its /sbin/init.
[[noreturn]] void enter_root(const std::string& disk);
/// Runs `work` in a process of its own that lives on beside whatever PID 1 becomes. It keeps the initrd as its root
/// and, in a mount namespace of its own, everything that is mounted there now.
/// @param name as `ps` shows it, at most 15 characters
void in_background(const char* name, const std::function<void()>& work);
/// Takes a mount out of this process's namespace, so that the root can take it down in its own.
void leave_mount(const std::string& path);
/// Stays as PID 1 of a guest without a root disk: collects exited children until the guest is powered off.
[[noreturn]] void remain();
/// Syncs and powers the machine off. Does not return when it is PID 1.
[[noreturn]] void power_off();

}  // namespace guest
