// room: provisioner
// What QEMU and its TPM answer: qtest lines, the fw_cfg directory, TPM2_PCR_Read responses, cached tables.
#include "base/error.h"
#include "provisioner/crb_tpm.h"
#include "provisioner/qemu_tables.h"
#include "provisioner/qtest_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::Bytes bytes{data + 1, size - 1};
  const std::string text = base::text_of(bytes);
  try {
    switch (data[0] % 5) {
      case 0:
        provisioner::parse_fw_cfg_directory(bytes);
        break;
      case 1:
        provisioner::pcr_read_digest(bytes, 32);
        break;
      case 2:
        provisioner::qtest::number_of(text);
        break;
      case 3:
        provisioner::qtest::bytes_of(text, size / 2);
        break;
      default:
        provisioner::parse_tables_entry(text, {});
    }
  } catch (const base::Error&) {
    // Malformed input is what a fuzzer makes; only crashes count.
  }
  return 0;
}
