#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace images {

enum class Presence { required, optional };

/// A kernel module the guest program needs, by its name: "virtio_blk". '-' and '_' mean the same.
struct WantedModule {
  std::string name;
  Presence presence = Presence::required;
};

/// What a guest needs to find its disks, its network, its TPM and its TEE before there is a root file system.
std::span<const WantedModule> guest_modules();

/// The files of the wanted modules and of all they depend on, each after what it depends on, none twice. Modules built
/// into the kernel need no file; optional ones may be absent.
/// @param modules_dep     text of the kernel's modules.dep: "kernel/a.ko.xz: kernel/b.ko.xz ..."
/// @param modules_builtin text of its modules.builtin: a path a line
/// @return paths relative to the kernel's module directory
/// @throws Error{failure} naming a required module that is neither; Error{malformed} on a line that is no dependency or
/// on modules that depend on each other
/// Source: modules.dep(5)
std::vector<std::string> module_load_order(std::string_view modules_dep, std::string_view modules_builtin,
                                           std::span<const WantedModule> wanted);

/// Everything that goes into the initrd.
struct InitrdContent {
  struct Module {
    std::string path;  ///< relative to the module directory, with or without .xz or .zst: "kernel/fs/ext4/ext4.ko.xz"
    base::Buffer content;  ///< uncompressed
  };
  base::Buffer guest_program;                 ///< becomes /init
  std::map<std::string, base::Buffer> files;  ///< absolute path -> shared library, dynamic loader or program
  std::vector<Module> modules;                ///< in the order to load them
};

/// The initrd as an uncompressed cpio archive: /init, programs it runs, libraries where the loader looks for them,
/// /modules (the absolute path of one module a line, in load order), the modules, the mount points the guest program
/// needs and the console it speaks to. The same content gives the same bytes.
base::Buffer initrd_archive(const InitrdContent& content);

}  // namespace images
