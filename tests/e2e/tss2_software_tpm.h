#pragma once
#include "guest/tss2_tpm.h"

namespace forge {

/// The software TPM that listens on the Unix socket `path`, seen as the guest program sees its own TPM.
/// @throws base::Error{host} when nothing listens there
guest::Tpm open_software_tpm(const std::string& path);

}  // namespace forge
