#include "tests/kms/tpm/tpm_fixture.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SealingTpmTest : public WithTpm {};

TEST_F(SealingTpmTest, OpensWhatItSealedAlsoAfterTheMachineWasRestarted) {
  const auto with = open();
  const TpmSealedFile plain = sealed_to(*with, secret("plain"), {});
  const TpmSealedFile bound = sealed_to(*with, secret("bound"), {0, 7});
  EXPECT_EQ(opened(*with, plain), "plain");
  EXPECT_EQ(opened(*with, bound), "bound");
  tpm->stop();
  tpm->start();
  EXPECT_EQ(opened(*with, parse_tpm_sealed(plain.text(), "f")), "plain");
  EXPECT_EQ(opened(*with, parse_tpm_sealed(bound.text(), "f")), "bound");
}

TEST_F(SealingTpmTest, LeavesNothingInTheTpmHoweverItEnds) {
  const auto with = open();
  TpmSealedFile plain = sealed_to(*with, secret("plain"), {});
  const TpmSealedFile bound = sealed_to(*with, secret("bound"), {7});
  EXPECT_EQ(opened(*with, plain), "plain");
  EXPECT_EQ(opened(*with, bound), "bound");
  EXPECT_EQ(left(), "");
  tpm->tool({"tpm2_pcrextend", "7:sha256=" + std::string(64, '1')});
  EXPECT_THAT(opened(*with, bound), HasSubstr("PCR sha256:7"));
  plain.key.private_area.back() ^= 1;
  EXPECT_THAT(opened(*with, plain), HasSubstr("was changed"));
  plain.key.parent.back() ^= 1;
  EXPECT_THAT(opened(*with, plain), HasSubstr("another TPM"));
  EXPECT_EQ(left(), "");
}

TEST_F(SealingTpmTest, RefusesWhatIsSealedToAnotherTpmAndWhatIsLeftAfterClearing) {
  tests::SoftwareTpm other;
  const TpmSealedFile foreign = sealed_to(*load_sealing_tpm(other.address()), secret("theirs"), {});
  const auto with = open();
  EXPECT_THAT(opened(*with, foreign), StartsWith("1 f: is sealed to another TPM, or this one was cleared"));
  const TpmSealedFile ours = sealed_to(*with, secret("ours"), {});
  tpm->tool({"tpm2_clear", "-Q"});
  EXPECT_THAT(opened(*with, ours), StartsWith("1 f: is sealed to another TPM, or this one was cleared"));
}

TEST_F(SealingTpmTest, SaysWhichRegistersAreNotWhatTheyWere) {
  const auto with = open();
  const TpmSealedFile sealed = sealed_to(*with, secret("bound"), {4, 7});
  tpm->tool({"tpm2_pcrextend", "8:sha256=" + std::string(64, '1')});
  EXPECT_EQ(opened(*with, sealed), "bound") << "another register";
  tpm->tool({"tpm2_pcrextend", "4:sha256=" + std::string(64, '1')});
  EXPECT_THAT(opened(*with, sealed), StartsWith("1 f: PCR sha256:4,7: not what it was sealed to"));
  tpm->stop();
  tpm->start();
  EXPECT_EQ(opened(*with, sealed), "bound") << "started as it was sealed";
}

TEST_F(SealingTpmTest, RefusesChangedObjects) {
  const auto with = open();
  const TpmSealedFile plain = sealed_to(*with, secret("plain"), {}), second = sealed_to(*with, secret("second"), {});
  const TpmSealedFile bound = sealed_to(*with, secret("bound"), {7});
  const auto changed = [&](const TpmSealedFile& file, void (*change)(TpmSealedKey&), const char* message) {
    TpmSealedFile copy{file.key, file.content};
    change(copy.key);
    EXPECT_THAT(opened(*with, copy), AllOf(StartsWith("1 f: "), HasSubstr(message)));
  };
  changed(plain, [](TpmSealedKey& key) { key.private_area.back() ^= 1; }, "was changed");
  changed(plain, [](TpmSealedKey& key) { key.private_area.at(20) ^= 1; }, "was changed");
  changed(plain, [](TpmSealedKey& key) { key.public_area.back() ^= 1; }, "was changed");
  changed(plain, [](TpmSealedKey& key) { key.public_area.at(8) ^= 4; }, "was changed");
  changed(bound, [](TpmSealedKey& key) { key.public_area.at(12) ^= 1; }, "was changed");
  changed(bound, [](TpmSealedKey& key) { key.pcrs = {8}; }, "PCR sha256:8: not what");
  EXPECT_THAT(opened(*with, {second.key, plain.content}), HasSubstr("the content was changed"));
}

TEST_F(SealingTpmTest, SaysThatThereIsNoTpm) {
  const auto with = open();
  const TpmSealedFile sealed = sealed_to(*with, secret("plain"), {});
  tpm->stop();
  EXPECT_THAT(opened(*with, sealed), StartsWith("4 f: cannot reach the TPM at " + tpm->address()));
  EXPECT_THAT(opened(*load_sealing_tpm("device:/nonexistent/tpmrm0"), sealed),
              AllOf(StartsWith("4 f: cannot reach the TPM at device:/nonexistent/tpmrm0"), HasSubstr("group tss")));
}

TEST_F(SealingTpmTest, PrefersThePersistentStorageRootKeyAndFindsTheOneItSealedBelow) {
  const auto with = open();
  const TpmSealedFile before = sealed_to(*with, secret("before"), {});
  make_persistent(make_root("rsa2048"));
  const TpmSealedFile below = sealed_to(*with, secret("below"), {7});
  EXPECT_NE(below.key.parent, before.key.parent);
  EXPECT_EQ(opened(*with, below), "below");
  EXPECT_EQ(opened(*with, before), "before") << "the standard key can be made again";
  EXPECT_EQ(left(), "");
  tpm->tool({"tpm2_evictcontrol", "-Q", "-C", "o", "-c", "0x81000001"});
  EXPECT_THAT(opened(*with, below), HasSubstr("is sealed to another TPM"));
  make_persistent(make_root("ecc"));
  EXPECT_EQ(sealed_to(*with, secret("same"), {}).key.parent, before.key.parent) << "the same key, transient or not";
}

TEST_F(SealingTpmTest, PassesOverAPersistentKeyThatIsNoStorageRootKey) {
  tpm->tool({"tpm2_createprimary", "-Q", "-C", "o", "-G", "ecc256:ecdsa-sha256:null", "-a",
             "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign", "-c", file("signs")});
  flush();
  make_persistent(file("signs"));
  const auto with = open();
  EXPECT_EQ(opened(*with, sealed_to(*with, secret("plain"), {})), "plain");
}

TEST_F(SealingTpmTest, SaysWhatTheOwnersAuthorisationStopsAndHowToDoWithout) {
  const std::string root = make_root("ecc");
  const auto with = open();
  const TpmSealedFile sealed = sealed_to(*with, secret("plain"), {});
  tpm->tool({"tpm2_changeauth", "-Q", "-c", "owner", "word"});
  EXPECT_THAT(opened(*with, sealed), AllOf(StartsWith("4 f: TPM: making the storage root key in the owner hierarchy"),
                                           HasSubstr("persistent at 0x81000001")));
  tpm->tool({"tpm2_evictcontrol", "-Q", "-C", "o", "-P", "word", "-c", root, "0x81000001"});
  flush();
  EXPECT_EQ(opened(*with, sealed), "plain");
  EXPECT_EQ(left(), "");
}

TEST_F(SealingTpmTest, OpensWhileSomebodyElsesWrongGuessesLockTheTpm) {
  const auto with = open();
  const TpmSealedFile sealed = sealed_to(*with, secret("plain"), {});
  tpm->tool({"tpm2_dictionarylockout", "-Q", "--setup-parameters", "--max-tries=1", "--recovery-time=1000",
             "--lockout-recovery-time=1000"});
  const std::string root = make_root("ecc");
  tpm->tool(
      {"tpm2_create", "-Q", "-C", root, "-p", "word", "-u", file("pub"), "-r", file("priv"), "-i", "/etc/hostname"});
  flush();
  tpm->tool({"tpm2_load", "-Q", "-C", root, "-u", file("pub"), "-r", file("priv"), "-c", file("guarded")});
  flush();
  EXPECT_THROW(tpm->tool({"tpm2_unseal", "-c", file("guarded"), "-p", "wrong"}), base::Error);
  flush();
  EXPECT_THAT(tpm->tool({"tpm2_getcap", "properties-variable"}), testing::ContainsRegex("inLockout: +1"));
  EXPECT_EQ(opened(*with, sealed), "plain");
}

TEST_F(SealingTpmTest, SealsToNoRegisterOfABankThatTheTpmDoesNotKeep) {
  tests::SoftwareTpm without("sha384");
  const auto with = load_sealing_tpm(without.address());
  EXPECT_EQ(opened(*with, sealed_to(*with, secret("plain"), {})), "plain");
  try {
    sealed_to(*with, secret("bound"), {7});
    FAIL() << "it would be bound to nothing";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "TPM: it does not keep PCR sha256:7");
  }
}

/// tpm2_unseal as an owner would use it, with nothing of ours.
class SealingTpmAndTpm2Tools : public WithTpm {
 protected:
  std::string unsealed(const TpmSealedFile& sealed, const std::string& before_address = "",
                       const std::vector<std::string>& environment = {}) {
    base::write_file_atomically(file("pub"), sealed.key.public_area, 0600);
    base::write_file_atomically(file("priv"), sealed.key.private_area, 0600);
    tpm->tool({"tpm2_load", "-Q", "-C", make_root(), "-u", file("pub"), "-r", file("priv"), "-c", file("object")});
    flush();
    std::vector<std::string> words{"tpm2_unseal", "-c", file("object"), "-o", file("key")};
    if (!sealed.key.pcrs.empty()) words.insert(words.end(), {"-p", "pcr:sha256:4,7"});
    tpm->tool(words, before_address, environment);
    flush();
    return base::read_file(file("key"));
  }
};

TEST_F(SealingTpmAndTpm2Tools, OpenWhatWeSealed) {
  const auto with = open();
  for (const std::vector<unsigned>& pcrs : {std::vector<unsigned>{}, std::vector<unsigned>{4, 7}}) {
    const TpmSealedFile sealed = sealed_to(*with, secret("the bundle"), pcrs);
    const std::string key = unsealed(sealed);
    ASSERT_EQ(key.size(), 32U);
    EXPECT_EQ(base::text_of(
                  base::open_aes256_gcm(base::bytes_of(key), sealed.content, base::bytes_of(sealed.associated_data()))
                      .view()),
              "the bundle");
  }
  const std::string name = tpm->tool({"tpm2_readpublic", "-c", make_root()});
  EXPECT_THAT(name, StartsWith("name: " + base::hex(sealed_to(*with, secret("x"), {}).key.parent)));
}

TEST_F(SealingTpmAndTpm2Tools, SealWhatWeOpen) {
  const std::string key(32, 'k');
  base::write_file_atomically(file("made"), key, 0600);
  tpm->tool({"tpm2_create", "-Q", "-C", make_root(), "-i", file("made"), "-u", file("pub"), "-r", file("priv")});
  flush();
  TpmSealedFile sealed = sealed_to(*open(), secret("for its parent"), {});
  sealed.key.public_area = base::buffer_of(base::bytes_of(base::read_file(file("pub"))));
  sealed.key.private_area = base::buffer_of(base::bytes_of(base::read_file(file("priv"))));
  sealed.content =
      base::seal_aes256_gcm(base::bytes_of(key), base::bytes_of("by hand"), base::bytes_of(sealed.associated_data()));
  EXPECT_EQ(opened(*open(), parse_tpm_sealed(sealed.text(), "f")), "by hand");
}

/// How often bytes, in hexadecimal, are in a recording.
std::size_t times(const std::string& traffic, std::string_view hex) {
  const std::string wanted = base::text_of(*base::from_hex(hex));
  std::size_t count = 0;
  for (std::size_t at = traffic.find(wanted); at != std::string::npos; at = traffic.find(wanted, at + 1)) ++count;
  return count;
}

/// Between the TPM and its user: every command and answer goes into a file (libtss2-tcti-pcap).
TEST_F(SealingTpmAndTpm2Tools, TheKeyIsOnNoBusInTheClearUnlessTheyPutItThere) {
  const auto recorded = [&](const std::string& name, const auto& act) {
    ::setenv("TCTI_PCAP_FILE", file(name).c_str(), 1);
    act(*load_sealing_tpm("pcap:" + tpm->address()));
    ::unsetenv("TCTI_PCAP_FILE");
    return base::read_file(file(name));
  };
  try {
    recorded("none", [](SealingTpm& with) { sealed_to(with, secret("x"), {}); });
  } catch (const base::Error& error) {
    GTEST_SKIP() << "no libtss2-tcti-pcap to record with: " << error.what();
  }
  for (const std::vector<unsigned>& pcrs : {std::vector<unsigned>{}, std::vector<unsigned>{4, 7}}) {
    TpmSealedFile sealed;
    std::string traffic = recorded("ours", [&](SealingTpm& with) { sealed = sealed_to(with, secret("bundle"), pcrs); });
    traffic += recorded("ours too", [&](SealingTpm& with) { EXPECT_EQ(opened(with, sealed), "bundle"); });
    for (const char* command : {"00000153", "00000157", "0000015e"})  // TPM2_Create, TPM2_Load, TPM2_Unseal
      EXPECT_EQ(times(traffic, command), 1U) << command;
    // TPM2_StartAuthSession: to create, to load and to use; and a trial of the policy, which alone has no salt (tpmKey
    // is TPM_RH_NULL). Who records a session without one has its keys.
    EXPECT_EQ(times(traffic, "00000176"), pcrs.empty() ? 3U : 4U);
    EXPECT_EQ(times(traffic, "0000017640000007"), pcrs.empty() ? 0U : 1U);
    const std::string key = unsealed(sealed, "pcap:", {"TCTI_PCAP_FILE=" + file("theirs")});
    EXPECT_THAT(base::read_file(file("theirs")), HasSubstr(key)) << "tpm2_unseal has no encrypted session";
    EXPECT_THAT(traffic, Not(HasSubstr(key.substr(0, 8))));
    for (const char* name : {"ours", "ours too", "theirs"}) std::filesystem::remove(file(name));
  }
}

}  // namespace
}  // namespace kms
