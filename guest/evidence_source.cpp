#include "guest/evidence_source.h"

#include <unistd.h>

#include "base/error.h"
#include "guest/linux_boot.h"
#include "guest/linux_tsm_folder.h"
#include "guest/snp_evidence_source.h"
#include "guest/tdx_evidence_source.h"
#include "guest/tpm_evidence_source.h"

namespace guest {
namespace {

TsmReporter open_reporter(const char* provider, const std::function<void(std::chrono::milliseconds)>& wait) {
  mount_configfs();
  TsmPatience patience;
  patience.wait = wait;
  return {open_tsm_folder("/sys/kernel/config"), provider, std::move(patience)};
}

std::unique_ptr<EvidenceSource> open_tpm_source(const std::string& command_line) {
  for (const char* path : {"/dev/tpmrm0", "/dev/tpm0"}) {
    if (::access(path, F_OK) == 0)
      return std::make_unique<TpmEvidenceSource>(Tpm::open_device(path), tpm_event_log_path, command_line);
  }
  throw base::Error(base::Kind::host, "nothing vouches for this machine: no SEV-SNP, no TDX and no TPM in /dev");
}

}  // namespace

std::unique_ptr<EvidenceSource> open_evidence_source(base::Tee tee, const std::string& command_line,
                                                     const std::function<void(std::chrono::milliseconds)>& wait) {
  switch (tee) {
    case base::Tee::snp:
      return std::make_unique<SnpEvidenceSource>(open_reporter("sev_guest", wait));
    case base::Tee::tdx:
      return std::make_unique<TdxEvidenceSource>(open_reporter("tdx_guest", wait), open_td_report("/dev/tdx_guest"),
                                                 cc_event_log_path);
    case base::Tee::emulated:
      break;
  }
  return open_tpm_source(command_line);
}

base::Buffer padded_report_data(const base::Sha384& digest) {
  base::Buffer data = base::buffer_of(digest.view());
  data.resize(TsmReporter::data_size);
  return data;
}

void expect_initdata(const std::string& got, const std::string& wanted, const std::string& field) {
  if (got == wanted) return;
  throw base::Error(base::Kind::not_attested,
                    "initdata differs from the one this guest was launched with: got digest " + got + ", wanted " +
                        wanted + " (" + field + ")");
}

}  // namespace guest
