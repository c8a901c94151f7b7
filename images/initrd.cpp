#include "images/initrd.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "images/cpio_archive.h"

namespace images {
namespace {

using Dependencies = std::map<std::string, std::vector<std::string>, std::less<>>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view without_compression(std::string_view path) {
  for (const std::string_view suffix : {".xz", ".zst", ".gz"})
    if (path.ends_with(suffix)) path.remove_suffix(suffix.size());
  return path;
}

/// "kernel/drivers/char/hw_random/virtio-rng.ko.xz" -> "virtio_rng"
std::string module_name(std::string_view path) {
  std::string_view file = without_compression(path);
  file.remove_prefix(file.rfind('/') + 1);
  if (file.ends_with(".ko")) file.remove_suffix(3);
  std::string name(file);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Dependencies read_dependencies(std::string_view modules_dep) {
  Dependencies dependencies;
  for (const std::string_view line : split(modules_dep, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
      throw base::Error(base::Kind::malformed, "modules.dep: '" + std::string(line) + "'; wanted 'MODULE: MODULE...'");
    std::vector<std::string>& needs = dependencies[std::string(line.substr(0, colon))];
    for (const std::string_view need : split(line.substr(colon + 1), ' ')) needs.emplace_back(need);
  }
  return dependencies;
}

/// Walks dependencies depth first, so that each module comes after what it needs.
class LoadOrder {
 public:
  explicit LoadOrder(const Dependencies& dependencies) : dependencies_(dependencies) {}
  void add(const std::string& path) {
    if (done_.contains(path)) return;
    const auto found = dependencies_.find(path);
    if (found == dependencies_.end())
      throw base::Error(base::Kind::malformed, "modules.dep: '" + path + "' is depended on but has no line");
    if (!open_.insert(path).second)
      throw base::Error(base::Kind::malformed, "modules.dep: '" + path + "' depends on itself");
    for (const std::string& need : found->second) add(need);
    open_.erase(path);
    done_.insert(path);
    order_.push_back(path);
  }
  std::vector<std::string> take() && { return std::move(order_); }

 private:
  const Dependencies& dependencies_;
  std::set<std::string> open_, done_;
  std::vector<std::string> order_;
};

}  // namespace

std::span<const WantedModule> guest_modules() {
  // crc32c_generic is ext4's soft dependency, which modules.dep does not list; later kernels have it in their core. Of
  // AES-XTS the kernel would load the parts when a volume is opened, with a program that an initrd does not have.
  static const std::vector<WantedModule> modules = {{"virtio_pci"},
                                                    {"virtio_blk"},
                                                    {"virtio_net"},
                                                    {"virtio_rng", Presence::optional},
                                                    {"crc32c_generic", Presence::optional},
                                                    {"ext4"},
                                                    {"overlay"},
                                                    {"dm_crypt"},
                                                    {"xts"},
                                                    {"ecb", Presence::optional},
                                                    {"aes_generic", Presence::optional},
                                                    {"aesni_intel", Presence::optional},
                                                    {"tpm_crb"},
                                                    {"tpm_tis"},
                                                    {"tsm", Presence::optional},
                                                    {"sev_guest", Presence::optional},
                                                    {"tdx_guest", Presence::optional}};
  return modules;
}

std::vector<std::string> module_load_order(std::string_view modules_dep, std::string_view modules_builtin,
                                           std::span<const WantedModule> wanted) {
  const Dependencies dependencies = read_dependencies(modules_dep);
  std::map<std::string, std::string> files;
  for (const auto& [path, needs] : dependencies) files.emplace(module_name(path), path);
  std::set<std::string> built_in;
  for (const std::string_view path : split(modules_builtin, '\n')) built_in.insert(module_name(path));
  LoadOrder order(dependencies);
  for (const auto& [name, presence] : wanted) {
    const auto file = files.find(module_name(name));
    if (file != files.end()) {
      order.add(file->second);
    } else if (presence == Presence::required && !built_in.contains(module_name(name))) {
      throw base::Error(base::Kind::failure, "the kernel has no module '" + name + "', neither as a file nor built in");
    }
  }
  return std::move(order).take();
}

base::Buffer initrd_archive(const InitrdContent& content) {
  CpioArchive archive;
  archive.add_directory("root", 0700);
  for (const char* const directory : {"dev", "proc", "run", "sys", "sysroot"}) archive.add_directory(directory, 0755);
  archive.add_character_device("dev/console", 0600, 5, 1);
  archive.add_character_device("dev/null", 0666, 1, 3);
  archive.add_file("init", content.guest_program, 0755);
  for (const auto& [path, file] : content.files) archive.add_file(path.substr(path.find_first_not_of('/')), file, 0755);
  std::string order;
  for (const auto& [path, module] : content.modules) {
    const std::string target = "usr/lib/modules/" + std::string(without_compression(path));
    archive.add_file(target, module, 0644);
    order += "/" + target + "\n";
  }
  archive.add_file("modules", base::buffer_of(base::bytes_of(order)), 0644);
  return archive.bytes();
}

}  // namespace images
