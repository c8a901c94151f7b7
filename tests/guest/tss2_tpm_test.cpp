#include "guest/tss2_tpm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tcti_swtpm.h>

#include <fstream>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"
#include "tests/software_tpm.h"

namespace guest {
namespace {

namespace fs = std::filesystem;

/// A software TPM of its own for each test, on Unix sockets in a new directory.
class TpmTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      software_.emplace();
    } catch (const base::Error& error) {
      GTEST_SKIP() << "no software TPM: " << error.what();
    }
  }
  [[nodiscard]] base::Buffer tcti() const {
    const std::string where = "path=" + software_->socket();
    std::size_t size = 0;
    EXPECT_EQ(Tss2_Tcti_Swtpm_Init(nullptr, &size, where.c_str()), TSS2_RC_SUCCESS);
    base::Buffer context(size);
    EXPECT_EQ(Tss2_Tcti_Swtpm_Init(reinterpret_cast<TSS2_TCTI_CONTEXT*>(context.data()), &size, where.c_str()),
              TSS2_RC_SUCCESS);
    return context;
  }
  /// Makes the restricted signing key at 0x81010002 with tpm2-tools; false where there are none.
  [[nodiscard]] bool make_attestation_key() const {
    const std::string key = directory_ + "/key";
    try {
      software_->tool({"tpm2_createprimary", "-Q", "-C", "o", "-g", "sha256", "-G", "rsa2048:rsassa-sha256:null", "-a",
                       "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda", "-c", key});
      software_->tool({"tpm2_evictcontrol", "-Q", "-C", "o", "-c", key, "0x81010002"});
      software_->tool({"tpm2_readpublic", "-Q", "-c", "0x81010002", "-f", "der", "-o", directory_ + "/key.der"});
    } catch (const base::Error&) {
      return false;
    }
    return true;
  }
  [[nodiscard]] base::Buffer key_der() const {
    std::ifstream file(directory_ + "/key.der", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::optional<tests::SoftwareTpm> software_;
  tests::TemporaryFolder folder_;
  std::string directory_ = folder_.path();
};

TEST_F(TpmTest, QuotesBothBanksWithTheEnrolledKeyOverWhatItExtended) {
  if (!make_attestation_key()) GTEST_SKIP() << "no tpm2-tools to make a key with";
  Tpm tpm(tcti());
  const base::Bytes initdata = base::bytes_of("abc");
  tpm.extend(8, base::sha256(initdata), base::sha384(initdata));
  const base::Buffer nonce(32, 0x5a);
  const base::PublicKey key = base::PublicKey::from_der(tpm.attestation_key_public(), "attestation key");
  EXPECT_EQ(tpm.attestation_key_public(), key_der()) << "tpm2_readpublic says otherwise";
  for (const Tpm::Bank bank : {Tpm::Bank::sha256, Tpm::Bank::sha384}) {
    const auto quote = tpm.quote(bank, nonce);
    const std::size_t digest_size = bank == Tpm::Bank::sha256 ? 32 : 48;
    // TPMT_SIGNATURE: sigAlg, hashAlg, size, then 256 bytes (TPM 2.0 library part 2, section 11.3.4).
    ASSERT_EQ(quote.signature.size(), 6U + 256U);
    EXPECT_TRUE(key.verifies(quote.message, base::Bytes(quote.signature).subspan(6)));
    EXPECT_THAT(base::text_of(quote.message), testing::HasSubstr(std::string(32, '\x5a')));
    ASSERT_EQ(quote.pcrs.size(), 24U);
    for (const base::Buffer& pcr : quote.pcrs) EXPECT_EQ(pcr.size(), digest_size);
    base::Buffer extended(digest_size, 0);
    base::append(extended, bank == Tpm::Bank::sha256 ? base::buffer_of(base::sha256(initdata).view())
                                                     : base::buffer_of(base::sha384(initdata).view()));
    EXPECT_EQ(base::hex(quote.pcrs[8]),
              bank == Tpm::Bank::sha256 ? base::sha256(extended).hex() : base::sha384(extended).hex());
  }
}

TEST_F(TpmTest, SaysWhichKeyIsMissing) {
  Tpm tpm(tcti());
  try {
    const base::Buffer key = tpm.attestation_key_public();
    FAIL() << "a fresh TPM has no attestation key";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    EXPECT_THAT(error.what(), testing::StartsWith("TPM: finding the attestation key 0x81010002 failed with 0x"));
  }
}

TEST(Tpm, CannotOpenADeviceThatIsNotThere) {
  EXPECT_THROW(Tpm::open_device("/nonexistent/tpm0"), base::Error);
}

}  // namespace
}  // namespace guest
