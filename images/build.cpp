#include "images/build.h"

#include <unistd.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "images/program_closure.h"
#include "images/userland.h"

namespace images {
namespace {

namespace fs = std::filesystem;

/// Changes when this program makes other files from the same recipe.
constexpr int build_version = 2;
constexpr const char* file_system_maker = "/sbin/mke2fs";
constexpr const char* root_label = "bulkhead-root";
constexpr const char* root_uuid = "b0c4ead0-0001-4000-8000-000000000001";

/// A file beside `path` that goes away unless it is kept, so that failures leave nothing half-made. It has this
/// process's number in its name: two builds may share a work directory.
class PartFile {
 public:
  explicit PartFile(const std::string& path) : path_(path + ".part-" + std::to_string(::getpid())) {}
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  void keep_as(const std::string& path) const { fs::rename(path_, path); }

 private:
  std::string path_;
};

bool is_intact(const BuiltFile& file) {
  return fs::exists(file.path) && base::file_sha256(file.path) == file.sha256;
}

/// The image of an earlier build from the same inputs whose files are all as it left them.
std::optional<BuiltImage> unchanged_image(const std::string& lock_path, const std::string& root_path,
                                          const base::Sha256& inputs) try {
  const std::optional<std::string> text = base::read_file_if_any(lock_path);
  if (!text) return std::nullopt;
  BuiltImage image = read_image_lock(base::Json::parse(*text, lock_path), lock_path);
  const bool intact =
      is_intact(image.firmware) && is_intact(image.kernel) && is_intact(image.initrd) && is_intact(image.root);
  return image.inputs == inputs && image.root.path == root_path && intact ? std::optional(std::move(image))
                                                                          : std::nullopt;
} catch (const base::Error& error) {
  if (error.kind() == base::Kind::malformed) return std::nullopt;  // a lock of another version: build anew
  throw;
}

/// A full disk would stop libguestfs's appliance instead of failing it, so room for the whole image is asked for first.
void expect_room(const std::string& directory, base::MiB wanted) {
  const base::MiB available{fs::space(directory).available >> 20U};
  if (available >= wanted) return;
  throw base::Error(base::Kind::host, directory + ": got " + std::to_string(available.count) + " MiB free, wanted " +
                                          std::to_string(wanted.count) + " MiB; free some or name another directory");
}

/// The directories made and named from the root, so that a lock means the same wherever it is read.
BuildPaths prepared(BuildPaths paths) {
  for (std::string* const directory : {&paths.output, &paths.work}) {
    *directory = fs::absolute(*directory).lexically_normal().string();
    std::error_code reason;
    fs::create_directories(*directory, reason);
    if (reason) throw base::Error(base::Kind::failure, "cannot make " + *directory + ": " + reason.message());
  }
  return paths;
}

BuiltFile written(const std::string& path, base::Bytes content) {
  base::write_file_atomically(path, content, 0644);
  return {path, base::sha256(content)};
}

base::Buffer compressed(const base::Buffer& archive) {
  base::ProcessOptions options;
  options.input = base::text_of(archive);
  options.output_limit = options.input.size() + 4096;
  return base::buffer_of(base::bytes_of(base::run_or_throw({"zstd", "-19", "--stdout", "--quiet", "-"}, options)));
}

base::Buffer initrd(const DebianArchive& debian, const BuildPaths& paths) {
  InitrdContent content;
  const PartFile stripped(paths.work + "/init");
  content.guest_program = stripped_program(paths.guest_program, stripped.path());
  // libtss2-tctildr opens the TPM's driver by name.
  content.files = program_closure(paths.guest_program, {"libtss2-tcti-device.so.0"});
  // The guest formats its volumes with it.
  content.files.merge(program_closure(file_system_maker, {}));
  content.files[file_system_maker] = base::buffer_of(base::bytes_of(base::read_file(file_system_maker)));
  content.modules = debian.modules();
  return compressed(initrd_archive(content));
}

BuiltFile root_image(const DebianArchive& debian, const Recipe& recipe, const BuildPaths& paths, GuestDisk& disk,
                     const BuildProgress& progress) {
  const std::string path = paths.output + "/root.img";
  const PartFile archive(paths.work + "/root.tar");
  const PartFile image(path);
  progress("root: " + std::to_string(recipe.size.count) + " MiB of ext4 with libguestfs (about 60 s without KVM)");
  debian.copy_with(userland_files(recipe), archive.path());
  int said = 0;
  disk.make_root_image(image.path(), recipe.size, root_label, root_uuid, archive.path(), [&](int percent) {
    if (percent < said + 25) return;
    said = percent;
    progress("root: " + std::to_string(percent) + " % copied");
  });
  const base::Sha256 digest = base::file_sha256(image.path());
  fs::permissions(image.path(),
                  fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read);
  image.keep_as(path);
  return {path, digest};
}

}  // namespace

base::Sha256 input_digest(const Recipe& recipe, const base::Sha256& firmware, const base::Sha256& guest_program) {
  base::Json inputs;
  inputs["files"] = base::Json::Array();
  for (const RecipeFile& file : recipe.files) {
    base::Json entry;
    entry["path"] = file.path;
    entry["mode"] = file.mode;
    entry["content"] = file.content;
    inputs["files"].push_back(std::move(entry));
  }
  inputs["mmdebstrap"] = base::Json::Array();
  for (const std::string& argument : mmdebstrap_arguments(recipe, "")) inputs["mmdebstrap"].push_back(argument);
  inputs["version"] = build_version;
  inputs["size"] = static_cast<std::int64_t>(recipe.size.count);
  inputs["firmware"] = firmware.hex();
  inputs["guestProgram"] = guest_program.hex();
  inputs["commandLine"] = recipe.command_line;
  return base::sha256(base::bytes_of(inputs.compact()));
}

BuiltImage build(const Recipe& recipe, const BuildPaths& wanted_paths, GuestDisk& disk, const BuildProgress& progress) {
  const BuildPaths paths = prepared(wanted_paths);
  const std::string lock_path = paths.output + "/image.lock";
  const std::string firmware = base::read_file(recipe.firmware);
  const base::Sha256 inputs =
      input_digest(recipe, base::sha256(base::bytes_of(firmware)), base::file_sha256(paths.guest_program));
  if (std::optional<BuiltImage> image = unchanged_image(lock_path, paths.output + "/root.img", inputs)) {
    progress("image: unchanged");
    return *std::move(image);
  }
  expect_room(paths.work, recipe.size);
  expect_room(paths.output, recipe.size);
  const DebianArchive debian = DebianArchive::make(recipe, paths.work, progress);
  BuiltImage image;
  image.inputs = inputs;
  image.suite = recipe.suite;
  image.command_line = recipe.command_line;
  image.packages = debian.packages();
  progress("kernel and initrd");
  const base::Buffer kernel = debian.kernel();
  const base::Buffer init = initrd(debian, paths);
  image.root = root_image(debian, recipe, paths, disk, progress);
  image.firmware = written(paths.output + "/firmware.fd", base::bytes_of(firmware));
  image.kernel = written(paths.output + "/vmlinuz", kernel);
  image.initrd = written(paths.output + "/initrd", init);
  base::write_file_atomically(lock_path, image_lock(image).pretty(), 0644);
  progress("image: " + lock_path);
  return image;
}

}  // namespace images
