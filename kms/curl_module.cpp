#include "kms/curl_kmip_transport.h"
#include "kms/http.h"
#include "kms/kms_module.h"

namespace kms {
namespace {

class Module final : public KmsModule {
 public:
  CheckReport check(const Connection& connection, const CheckOptions& options) override {
    return check_provider(connection, options, {make_http_transport, make_kmip_transport});
  }
  OpenedKeys open_for_service(const Connection& connection, const ConnectionFiles& files, const Place& approved,
                              ServiceRecords records) override {
    return kms::open_for_service(connection, files, approved, std::move(records),
                                 {make_http_transport, make_kmip_transport});
  }
  std::unique_ptr<HttpTransport> open_http(TlsOptions options) override {
    return make_http_transport(std::move(options));
  }
};

}  // namespace
}  // namespace kms

extern "C" kms::KmsModule* bulkhead_kms_module() {
  return new kms::Module();
}
