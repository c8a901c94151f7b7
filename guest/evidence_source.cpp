#include "guest/evidence_source.h"

#include <unistd.h>

#include "base/error.h"
#include "guest/tpm_evidence_source.h"

namespace guest {
namespace {

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

[[noreturn]] void not_built(const char* kind) {
  throw base::Error(base::Kind::host,
                    std::string("this guest program cannot make ") + kind + " evidence in this version");
}

}  // namespace

std::unique_ptr<EvidenceSource> open_evidence_source(const std::string& device_directory) {
  if (exists(device_directory + "/sev-guest")) not_built("snp");
  if (exists(device_directory + "/tdx_guest")) not_built("tdx");
  for (const char* name : {"/tpmrm0", "/tpm0"}) {
    const std::string path = device_directory + name;
    if (exists(path)) return std::make_unique<TpmEvidenceSource>(Tpm::open_device(path), tpm_event_log_path);
  }
  throw base::Error(base::Kind::host,
                    "nothing vouches for this machine: no TPM, no SEV-SNP, no TDX in " + device_directory);
}

}  // namespace guest
