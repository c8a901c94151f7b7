#include "cli/image_files.h"

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/posix_files.h"
#include "images/image_lock.h"

namespace cli {
namespace {

using provisioner::FileRole;
using provisioner::ResolvedFile;
using provisioner::ResolvedImage;

void add_pinned(ResolvedImage& image, FileRole role, const std::optional<tenants::PinnedFile>& pinned) {
  if (pinned) image.files.push_back({role, tenants::path_beside(pinned->path), pinned->sha256});
}

ResolvedImage pinned_image(const tenants::Image& document) {
  ResolvedImage image;
  add_pinned(image, FileRole::firmware, document.firmware);
  add_pinned(image, FileRole::kernel, document.kernel);
  add_pinned(image, FileRole::initrd, document.initrd);
  add_pinned(image, FileRole::root, document.root);
  if (document.command_line) image.command_line = document.command_line->text.value;
  return image;
}

/// A path of a lock, as seen from the lock's folder.
std::string beside_lock(const std::string& lock, const std::string& path) {
  return (std::filesystem::path(lock).parent_path() / path).string();
}

ResolvedImage locked_image(const tenants::Image& document) {
  const std::string lock = document.lock ? tenants::path_beside(*document.lock) : "";
  const std::optional<std::string> text = lock.empty() ? std::nullopt : base::read_file_if_any(lock);
  ResolvedImage image;
  if (!text) {
    for (const FileRole role : {FileRole::firmware, FileRole::kernel, FileRole::initrd, FileRole::root}) {
      image.files.push_back({role, "", std::nullopt});
    }
    return image;
  }
  const images::BuiltImage built = images::read_image_lock(base::Json::parse(*text, lock), lock);
  const auto add = [&](FileRole role, const images::BuiltFile& file) {
    image.files.push_back({role, beside_lock(lock, file.path), file.sha256});
  };
  add(FileRole::firmware, built.firmware);
  add(FileRole::kernel, built.kernel);
  add(FileRole::initrd, built.initrd);
  add(FileRole::root, built.root);
  image.command_line = built.command_line;
  return image;
}

}  // namespace

ImageFiles::ImageFiles(std::string qemu) : qemu_(std::move(qemu)) {}

const base::Sha256& ImageFiles::digest_of(const std::string& path) {
  const auto [found, made] = digests_.try_emplace(std::filesystem::canonical(path).string());
  if (made) found->second = base::file_sha256(path);
  return found->second;
}

void ImageFiles::refuse_changed(const ResolvedImage& image, RootImage root) {
  std::string wrong;
  for (const ResolvedFile& file : image.files) {
    if (!file.sha256 || !std::filesystem::exists(file.path)) continue;
    if (file.role == FileRole::root && root == RootImage::believe_pin) continue;
    const base::Sha256& got = digest_of(file.path);
    if (got == *file.sha256) continue;
    wrong += "\n  " + file.path + ": sha256 got " + got.hex() + ", wanted " + file.sha256->hex();
  }
  if (!wrong.empty())
    throw base::Error(base::Kind::failure, "these image files are not what the document says:" + wrong);
}

ResolvedImage ImageFiles::resolve(const tenants::Tenant& tenant, RootImage root) {
  ResolvedImage image = tenant.image.kernel ? pinned_image(tenant.image) : locked_image(tenant.image);
  refuse_changed(image, root);
  return image;
}

provisioner::Measure ImageFiles::predictor(const ResolvedImage& image, const GuestSettings& settings) {
  for (const ResolvedFile& file : image.files) {
    if (file.role == FileRole::root || (file.sha256 && std::filesystem::exists(file.path))) continue;
    return [](provisioner::GuestIntent&) { return base::Json(); };
  }
  const auto mapped = [&](FileRole role) { return base::MappedFile(image.file(role).path); };
  const auto sha256 = [&](FileRole role) { return image.file(role).sha256.value(); };
  std::shared_ptr<GuestMeasurements>& measurements =
      measurements_[{sha256(FileRole::firmware), sha256(FileRole::kernel), sha256(FileRole::initrd)}];
  if (!measurements)
    measurements = std::make_shared<GuestMeasurements>(
        BootFiles{mapped(FileRole::firmware), mapped(FileRole::kernel), mapped(FileRole::initrd)},
        measurement::FileHashes{sha256(FileRole::kernel), sha256(FileRole::initrd)}, qemu_);
  return [measurements, settings](provisioner::GuestIntent& guest) {
    return measurements->reference_values(guest, settings);
  };
}

}  // namespace cli
