#include "images/debian_archive.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "images/image_lock.h"

namespace images {
namespace {

namespace fs = std::filesystem;

/// The one time stamp in everything mmdebstrap writes: 2025-01-01T00:00:00Z.
constexpr const char* source_date_epoch = "SOURCE_DATE_EPOCH=1735689600";
constexpr std::size_t largest_listing = 64U << 20U;
constexpr std::size_t largest_member = 256U << 20U;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

/// The end of what a program said, where its reason stands.
std::string last_lines(const std::string& text) {
  constexpr std::size_t wanted = 12;
  const std::vector<std::string> all = lines(text);
  std::string end;
  for (std::size_t i = all.size() - std::min(all.size(), wanted); i < all.size(); ++i) end += "  " + all[i] + "\n";
  return end;
}

base::Buffer decompressed(std::string content, const std::string& path) {
  std::vector<std::string> program;
  if (path.ends_with(".xz")) program = {"xz", "--decompress", "--stdout"};
  if (path.ends_with(".zst")) program = {"zstd", "--decompress", "--stdout"};
  if (program.empty()) return base::buffer_of(base::bytes_of(content));
  base::ProcessOptions options;
  options.input = std::move(content);
  options.output_limit = largest_member;
  return base::buffer_of(base::bytes_of(base::run_or_throw(program, options)));
}

}  // namespace

std::vector<std::string> mmdebstrap_arguments(const Recipe& recipe, const std::string& target) {
  std::string include;
  for (const std::string& package : all_packages(recipe)) include += (include.empty() ? "" : ",") + package;
  std::vector<std::string> arguments = {
      "mmdebstrap", "--variant=essential", "--format=tar", "--include=" + include,
      "--aptopt=Acquire::Languages \"none\"",
      // Nobody reads manuals in a guest, and its initrd is ours: without this hook no other is made.
      "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
      "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      "--dpkgopt=path-exclude=/etc/kernel/postinst.d/*", recipe.suite, target};
  if (!recipe.mirror.empty()) arguments.push_back(recipe.mirror);
  return arguments;
}

std::string debian_archive_path(const Recipe& recipe, const std::string& work_directory) {
  std::string key;
  for (const std::string& argument : mmdebstrap_arguments(recipe, "")) key += argument + "\n";
  return work_directory + "/debian-" + base::sha256(base::bytes_of(key)).hex().substr(0, 16) + ".tar";
}

DebianArchive DebianArchive::make(const Recipe& recipe, const std::string& work_directory,
                                  const BuildProgress& progress) {
  const std::string path = debian_archive_path(recipe, work_directory);
  if (fs::exists(path)) {
    progress("userland: the same packages as before (" + path + ")");
    return DebianArchive(path);
  }
  progress("userland: installing Debian " + recipe.suite + " with mmdebstrap (about 60 s)");
  const std::string part = path + ".part-" + std::to_string(::getpid());
  try {
    base::ProcessOptions options;
    options.environment = {source_date_epoch};
    const base::ProcessResult result = base::run(mmdebstrap_arguments(recipe, part), options);
    if (result.exit_code != 0) {
      throw base::Error(base::Kind::host,
                        "mmdebstrap cannot install Debian " + recipe.suite + ":\n" + last_lines(result.errors));
    }
    fs::rename(part, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  return DebianArchive(path);
}

DebianArchive::DebianArchive(std::string path) : path_(std::move(path)) {
  base::ProcessOptions options;
  options.output_limit = largest_listing;
  members_ = lines(base::run_or_throw({"tar", "--list", "--file=" + path_}, options));
}

std::string DebianArchive::member(const std::string& path) const {
  base::ProcessOptions options;
  options.output_limit = largest_member;
  return base::run_or_throw({"tar", "--extract", "--to-stdout", "--file=" + path_, "--", path}, options);
}

std::string DebianArchive::only(const std::string& beginning, const std::string& end) const {
  std::vector<std::string> found;
  for (const std::string& name : members_)
    if (name.starts_with(beginning) && name.ends_with(end)) found.push_back(name);
  if (found.size() == 1) return found.front();
  throw base::Error(base::Kind::failure, path_ + ": got " + std::to_string(found.size()) + " files '" + beginning +
                                             "*" + end + "', wanted 1; name one kernel package in the recipe");
}

std::vector<std::string> DebianArchive::packages() const {
  return installed_packages(member("./var/lib/dpkg/status"));
}

base::Buffer DebianArchive::kernel() const {
  return base::buffer_of(base::bytes_of(member(only("./boot/vmlinuz-", ""))));
}

std::vector<InitrdContent::Module> DebianArchive::modules() const {
  const std::string dependencies = only("./usr/lib/modules/", "/modules.dep");
  const std::string directory = dependencies.substr(0, dependencies.rfind('/') + 1);
  const std::vector<std::string> order =
      module_load_order(member(dependencies), member(directory + "modules.builtin"), guest_modules());
  std::vector<InitrdContent::Module> modules;
  modules.reserve(order.size());
  for (const std::string& path : order) modules.push_back({path, decompressed(member(directory + path), path)});
  return modules;
}

void DebianArchive::copy_with(std::span<const base::TarMember> members, const std::string& path) const {
  fs::copy_file(path_, path, fs::copy_options::overwrite_existing);
  const std::string addition = path + ".addition";
  base::write_file_atomically(addition, base::tar_archive(members), 0600);
  base::run_or_throw({"tar", "--concatenate", "--file=" + path, addition});
  fs::remove(addition);
}

}  // namespace images
