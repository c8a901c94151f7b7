#pragma once
#include "provisioner/plan.h"

namespace provisioner {

/// Owners sign the intent; the resources beside it in the same document are what `apply` makes. So they must be what
/// follows from the intent and from what an operator may choose: the store, the service's user id and supervision, the
/// accelerator, and where the image's files are.
/// @throws Error{failure} naming each resource that differs, with got and wanted
void refuse_resources_beside_intent(const Plan& plan);

}  // namespace provisioner
