#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measurement/boot_events.h"

namespace measurement {

/// A unified kernel image: a PE file of systemd-stub with kernel, initrd and command line as sections.
struct Uki {
  /// One section as the stub finds it in memory: its first `VirtualSize` bytes.
  struct Section {
    std::string name;  ///< ".linux"
    base::Buffer data;
  };
  unsigned stub = 0;              ///< systemd's major version: 257
  std::string stub_version;       ///< "257.13-1~deb13u1"
  std::vector<Section> sections;  ///< those the stub of this version uses, in the order it measures them

  /// nullptr when the image has no such section
  [[nodiscard]] const Section* find(std::string_view name) const noexcept;
};

/// Takes an image apart: the stub's version from section .sdmagic, and of the sections that version knows the first of
/// each name; those of the default profile (from the first .profile to the next) replace those before it.
/// Source: systemd src/boot/efi/stub.c, src/fundamental/uki.c, pe.c of versions 252, 254, 257 and 262.
/// @throws base::Error{malformed} when `image` is no PE image, or no unified kernel image of systemd-stub 252 or later
Uki read_uki(base::Bytes image);

/// PCR 11: for each section its name with NUL and its data, without .pcrsig, which signs the result.
std::vector<BootEvent> uki_section_events(const Uki& uki);

/// A command line as a stub of version `stub` gives it to the kernel: control characters become spaces, none are left
/// at the end and, from version 255 on, at the start.
/// @throws base::Error{malformed} for characters outside ASCII
std::string stub_command_line(std::string_view text, unsigned stub);

/// systemd's major version and its text from section .sdmagic of one of its EFI programs.
struct SystemdVersion {
  unsigned major = 0;  ///< 257
  std::string text;    ///< "257.13-1~deb13u1"
};
/// @param program "systemd-stub" or "systemd-boot"
/// @throws base::Error{malformed} when `image` is no PE image, or not that program of version 252 or later
SystemdVersion systemd_version(base::Bytes image, std::string_view program);

/// The version text of Linux in a bzImage: "6.12.117+deb13-cloud-amd64 (..)"; nullopt when it names none.
/// Source: Linux Documentation/arch/x86/boot.rst, kernel_version.
std::optional<std::string> kernel_version(base::Bytes kernel);

}  // namespace measurement
