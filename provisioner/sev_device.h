#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "measurement/cpu_models.h"

/// Who a host's AMD secure processors are, from the kernel's /dev/sev.
namespace provisioner {

/// The two commands of /dev/sev that tell it.
class SevDevice {
 public:
  virtual ~SevDevice() = default;
  /// SEV_GET_ID2: 64 bytes a socket.
  virtual base::Buffer identity() = 0;
  /// SNP_PLATFORM_STATUS: 32 bytes.
  virtual base::Buffer snp_status() = 0;
};
/// @param path /dev/sev. @returns nullptr when there is no such device
/// @throws base::Error{host} when it is there and cannot be opened; so do the commands when the firmware refuses them
std::unique_ptr<SevDevice> open_sev_device(const std::string& path);

struct SnpStatus {
  std::uint8_t api_major = 0, api_minor = 0, state = 0;
  std::uint32_t build = 0;
  bool mask_chip_id = false, mask_chip_key = false, vlek_loaded = false;
  std::uint64_t current_tcb = 0, reported_tcb = 0;
};
/// Source: AMD 56860 (SEV-SNP firmware ABI), SNP_PLATFORM_STATUS, STATUS structure; Linux include/uapi/linux/psp-sev.h
/// @throws base::Error{malformed} when it is not 32 bytes
SnpStatus parse_snp_status(base::Bytes bytes);

/// A host that makes SNP reports.
struct SevIdentity {
  std::vector<std::array<std::uint8_t, 64>> chip_ids;  ///< one a socket
  SnpStatus status;
};
SevIdentity read_sev_identity(SevDevice& device);

/// The first processor of a /proc/cpuinfo, when it is AMD's. nullopt when it is not.
std::optional<measurement::CpuVersion> amd_cpu(std::string_view cpuinfo);

}  // namespace provisioner
