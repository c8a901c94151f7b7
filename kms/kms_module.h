#pragma once
#include <memory>

#include "kms/http.h"
#include "kms/open_for_service.h"
#include "kms/provider_check.h"

namespace kms {

/// The adapters of bulkhead-kms.so, which alone links libcurl, with all that a KMS is opened with.
class KmsModule {
 public:
  virtual ~KmsModule() = default;
  virtual CheckReport check(const Connection& connection, const CheckOptions& options) = 0;
  /// A tenant's keys for its attestation service (open_for_service.h).
  virtual OpenedKeys open_for_service(const Connection& connection, const ConnectionFiles& files, const Place& approved,
                                      ServiceRecords records) = 0;
  /// A server that is no KMS, such as a processor vendor's.
  virtual std::unique_ptr<HttpTransport> open_http(TlsOptions options) = 0;
};

/// Loads bulkhead-kms.so from beside the program (../lib/bulkhead) or the installed libdir.
/// @throws Error{host} when it cannot be loaded
std::shared_ptr<KmsModule> load_kms_module();

}  // namespace kms

/// The module's one exported symbol.
extern "C" kms::KmsModule* bulkhead_kms_module();
