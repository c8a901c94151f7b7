#include "provisioner/crb_tpm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/error.h"

namespace {

using provisioner::pcr_read_command;
using provisioner::pcr_read_digest;
using testing::HasSubstr;
using testing::ThrowsMessage;

base::Buffer bytes(const std::string& hex) {
  return base::from_hex(hex).value();
}

const std::string digest = "3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969";
/// A response to TPM2_PCR_Read of PCR 4 of the SHA-256 bank, `tail` after its update counter.
std::string response(const std::string& tail, const std::string& code = "00000000") {
  const std::string body = code + "0000002a" + tail;
  return "8001" + base::hex_number(0x100000000 + 6 + body.size() / 2).substr(3) + body;
}
const std::string selection = "00000001000b03100000";

TEST(PcrRead, CommandNamesOneRegisterOfOneBank) {
  // TPM 2.0 Library part 3, section 22.4: tag, size, TPM_CC_PCR_Read, one TPMS_PCR_SELECTION.
  EXPECT_EQ(base::hex(pcr_read_command(0x0b, 4)), "8001000000140000017e00000001000b03100000");
  EXPECT_EQ(base::hex(pcr_read_command(0x0c, 23)), "8001000000140000017e00000001000c03000080");
}

TEST(PcrRead, ResponseHasTheDigestOrNoSuchBank) {
  EXPECT_EQ(base::hex(pcr_read_digest(bytes(response(selection + "000000010020" + digest)), 32).value()), digest);
  EXPECT_FALSE(pcr_read_digest(bytes(response("00000001000b0300000000000000")), 32));
}

TEST(PcrRead, RejectsResponsesThatAreNotToIt) {
  const struct {
    std::string hex;
    const char* says;
  } cases[] = {
      {"", "TPM2_PCR_Read response+0x0"},
      {"80010000000a00000101", "response code 0x101"},
      {"80020000000a00000000", "TPM_ST_NO_SESSIONS"},
      {"80010000000b00000000", "size is not that"},
      {response("00000002" + selection.substr(8) + selection.substr(8) + "00000000"), "2 selections"},
      {response(selection + "00000002"), "2 digests"},
      {response(selection + "000000010010" + digest.substr(32)), "digest of 16 bytes, wanted 32"},
      {response(selection + "000000010020" + digest.substr(2)), "TPM2_PCR_Read response"},
      {response(selection + "000000010020" + digest + "00"), "TPM2_PCR_Read response"},
  };
  for (const auto& wrong : cases) {
    EXPECT_THAT([&] { pcr_read_digest(bytes(wrong.hex), 32); }, ThrowsMessage<base::Error>(HasSubstr(wrong.says)));
  }
}

}  // namespace
