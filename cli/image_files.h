#pragma once
#include <string>

#include "provisioner/tenant_intent.h"
#include "tenants/tenant.h"

namespace cli {

/// Whether the root image, which is large and not measured, is hashed too or its pin is believed.
enum class RootImage { believe_pin, hash };

/// The image files a tenant's document names, directly or by an image lock, and the command line.
/// @throws Error{failure} naming file, got and wanted when a file is not what the document says
provisioner::ResolvedImage resolve_image(const tenants::Tenant& tenant, RootImage root);

/// Predicts guests' reference values from the image files. What is missing on this machine is predicted as null.
provisioner::Measure predictor(const tenants::Tenant& tenant, const provisioner::ResolvedImage& image);

}  // namespace cli
