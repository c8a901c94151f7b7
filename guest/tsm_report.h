#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "base/bytes.h"

/// Attestation reports as Linux gives them out since 6.7: a folder an entry below /sys/kernel/config/tsm/report.
/// Source: Linux Documentation/ABI/testing/configfs-tsm (in 6.16 configfs-tsm-report).
namespace guest {

/// The folder of reports, one operation a call: linux_tsm_folder.h, and a fake in the tests. Each gives the kernel's
/// reason when it fails.
class TsmFolder {
 public:
  virtual ~TsmFolder() = default;
  virtual std::error_code make_entry(const std::string& name) = 0;
  virtual std::error_code remove_entry(const std::string& name) = 0;
  virtual std::error_code read(const std::string& name, const std::string& attribute, base::Buffer& into) = 0;
  virtual std::error_code write(const std::string& name, const std::string& attribute, base::Bytes value) = 0;
};

struct TsmReport {
  base::Buffer report;     ///< `outblob`: SNP's report, TDX's quote
  base::Buffer auxiliary;  ///< `auxblob`: SNP's certificate table; empty where there is none
};

/// How often a report is asked for while another request is under way, and how the time in between passes.
struct TsmPatience {
  unsigned attempts = 8;
  std::chrono::milliseconds first_pause{100}, longest_pause{3000};
  std::function<void(std::chrono::milliseconds)> wait;
};

/// Reports of one provider.
class TsmReporter {
 public:
  static constexpr std::size_t data_size = 64;
  /// @param provider as the kernel names it: "sev_guest" or "tdx_guest"
  TsmReporter(std::unique_ptr<TsmFolder> folder, std::string provider, TsmPatience patience);

  /// A report over these 64 bytes. An entry of its own keeps others away, and its generation tells when one wrote to it
  /// all the same: then, and while the kernel is busy with another request, it is asked for again.
  /// @throws Error{not_attested} when the reports are another provider's
  /// @throws Error{host} when there is none in time, with the kernel's reason
  TsmReport report(base::Bytes data);

 private:
  std::unique_ptr<TsmFolder> folder_;
  std::string provider_;
  TsmPatience patience_;
};

}  // namespace guest
