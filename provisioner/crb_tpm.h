#pragma once
#include <optional>

#include "measurement/boot_events.h"
#include "provisioner/machine_bus.h"

/// The TPM of a stopped machine, spoken to as its processor would: through the command response buffer.
namespace provisioner {

inline constexpr std::uint64_t crb_address = 0xfed40000;

/// Executes one command in locality 0. Source: TCG PC Client Platform TPM Profile 1.05, section 6.5.3.
/// @throws base::Error{malformed} when the device does not answer, or not with a TPM response
base::Buffer crb_execute(MachineBus& bus, base::Bytes command);

/// TPM2_PCR_Read of one register; `algorithm` is 0x0b (SHA-256) or 0x0c (SHA-384).
/// Source: TPM 2.0 Library part 3, section 22.4.
base::Buffer pcr_read_command(std::uint16_t algorithm, unsigned pcr);
/// The digest in its response; nullopt when the TPM has no such bank.
/// @throws base::Error{malformed} for another response, or a digest of another size than `size`
std::optional<base::Buffer> pcr_read_digest(base::Bytes response, std::size_t size);

/// PCR 0 to 23 of both banks. A bank the TPM does not have stays empty.
measurement::PcrValues read_pcrs(MachineBus& bus);

}  // namespace provisioner
