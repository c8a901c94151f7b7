#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>

#include "cli/measurements.h"
#include "provisioner/tenant_intent.h"
#include "tenants/tenant.h"

namespace cli {

/// Whether the root image, which is large and not measured, is hashed too or its pin is believed.
enum class RootImage { believe_pin, hash };

/// The image files of all tenants of one command. A file is hashed once however many tenants name it, and tenants whose
/// guests boot the same files share what is worked out of them.
class ImageFiles {
 public:
  /// @param qemu the program whose ACPI tables TDX guests will measure
  explicit ImageFiles(std::string qemu);
  ImageFiles(const ImageFiles&) = delete;
  ImageFiles& operator=(const ImageFiles&) = delete;

  /// The image files a tenant's document names, directly or by an image lock, and the command line.
  /// @throws Error{failure} naming file, got and wanted when a file is not what the document says
  provisioner::ResolvedImage resolve(const tenants::Tenant& tenant, RootImage root);

  /// Predicts guests' reference values from the image files. What is missing on this machine is predicted as null.
  /// @param image from resolve()
  provisioner::Measure predictor(const provisioner::ResolvedImage& image, const GuestSettings& settings);

 private:
  void refuse_changed(const provisioner::ResolvedImage& image, RootImage root);
  const base::Sha256& digest_of(const std::string& path);

  using Contents = std::array<base::Sha256, 3>;  ///< of firmware, kernel, initrd
  std::map<std::string, base::Sha256> digests_;  ///< by canonical path
  std::map<Contents, std::shared_ptr<GuestMeasurements>> measurements_;
  std::string qemu_;
};

}  // namespace cli
