#include "cli/known_images.h"

#include <algorithm>
#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "measurement/linux_kernel.h"
#include "measurement/ovmf.h"

namespace cli {
namespace {

using namespace std::string_view_literals;
using provisioner::FileRole;
namespace fs = std::filesystem;

constexpr std::uintmax_t largest_boot_file = std::uintmax_t{1} << 30U;  // root images are larger, and not measured
constexpr int deepest_folder = 4;

template <typename Check>
bool passes(Check check) {
  try {
    check();
    return true;
  } catch (const base::Error&) {
    return false;
  }
}

/// Linux, Documentation/driver-api/early-userspace/buffer-format.rst; lib/decompress.c.
bool is_initrd(base::Bytes bytes) {
  constexpr std::string_view starts[] = {"070701"sv,      "070702"sv,           "\x1f\x8b"sv,    "\x28\xb5\x2f\xfd"sv,
                                         "\xfd\x37zXZ"sv, "\x02\x21\x4c\x18"sv, "\x5d\x00\x00"sv};
  return std::any_of(std::begin(starts), std::end(starts), [&](std::string_view start) {
    const base::Bytes wanted = base::bytes_of(start);
    return bytes.size() > wanted.size() && std::equal(wanted.begin(), wanted.end(), bytes.begin());
  });
}

/// The files below `folder`, sorted, so that the same store is always searched in the same order.
std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw base::Error(base::Kind::usage, "--images: got '" + folder + "', wanted a folder");
  fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries.depth() >= deepest_folder) entries.disable_recursion_pending();
    std::error_code ignored;
    if (entries->is_regular_file(ignored) && entries->file_size(ignored) <= largest_boot_file)
      paths.push_back(entries->path().string());
  }
  if (error) throw base::Error(base::Kind::failure, "--images: cannot read " + folder + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::optional<FileRole> boot_file_role(base::Bytes bytes) {
  if (passes([&] { (void)measurement::read_footer_table(bytes); })) return FileRole::firmware;
  if (passes([&] { measurement::check_kernel(bytes); })) return FileRole::kernel;
  if (is_initrd(bytes)) return FileRole::initrd;
  return std::nullopt;
}

std::vector<measurement::KnownFile>& KnownImages::of(FileRole role) {
  return role == FileRole::firmware ? files_.firmware : role == FileRole::kernel ? files_.kernels : files_.initrds;
}

std::size_t KnownImages::add(FileRole role, const std::string& path) {
  return add(role, path, base::MappedFile(path));
}

std::size_t KnownImages::add(FileRole role, const std::string& path, base::MappedFile file) {
  const base::Sha256 sha256 = base::sha256(file.bytes());
  if (const auto known = find(role, sha256)) return *known;
  mapped_.push_back(std::move(file));
  std::vector<measurement::KnownFile>& files = of(role);
  files.push_back({path, mapped_.back().bytes(), sha256});
  return files.size() - 1;
}

void KnownImages::add_folder(const std::string& folder) {
  for (const std::string& path : files_below(folder)) {
    base::MappedFile file(path);
    if (const auto role = boot_file_role(file.bytes())) add(*role, path, std::move(file));
  }
}

std::size_t KnownImages::add_tables(measurement::KnownTables tables) {
  std::vector<measurement::KnownTables>& all = files_.tables;
  const auto same = std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == tables.name; });
  if (same != all.end()) return static_cast<std::size_t>(same - all.begin());
  all.push_back(std::move(tables));
  return all.size() - 1;
}

std::optional<std::size_t> KnownImages::find(FileRole role, const base::Sha256& sha256) const {
  const auto& files = const_cast<KnownImages*>(this)->of(role);
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.sha256 == sha256; });
  return found == files.end() ? std::nullopt
                              : std::optional<std::size_t>(static_cast<std::size_t>(found - files.begin()));
}

}  // namespace cli
