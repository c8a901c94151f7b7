#include "tests/e2e/tss2_software_tpm.h"

#include <tss2/tss2_tcti_swtpm.h>

#include "base/error.h"

namespace forge {

guest::Tpm open_software_tpm(const std::string& path) {
  const std::string where = "path=" + path;
  std::size_t size = 0;
  TSS2_RC result = Tss2_Tcti_Swtpm_Init(nullptr, &size, where.c_str());
  base::Buffer context(size);
  if (result == TSS2_RC_SUCCESS) {
    result = Tss2_Tcti_Swtpm_Init(reinterpret_cast<TSS2_TCTI_CONTEXT*>(context.data()), &size, where.c_str());
  }
  if (result != TSS2_RC_SUCCESS) throw base::Error(base::Kind::host, "no software TPM listens on " + path);
  return guest::Tpm(std::move(context));
}

}  // namespace forge
