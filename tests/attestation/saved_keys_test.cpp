#include "attestation/saved_keys.h"

#include <gmock/gmock.h>

#include "attestation/backup.h"
#include "base/error.h"

// An owner's key files, sealed.

namespace attestation {
namespace {

using base::TarMember;
using testing::HasSubstr;

const TarMember key_file{"owner.key", TarMember::Type::file, 0600, "a private key"};
const TarMember public_file{"owner.pub", TarMember::Type::file, 0644, std::string("\0\n\xff", 3)};

base::PrivateKey new_key() {
  return base::PrivateKey::generate(base::PrivateKey::Type::p256);
}

TEST(SavedKeys, AreReadByTheHolderOfTheBackupKeyAlone) {
  const base::PrivateKey owner = new_key();
  const SecretFiles files({key_file, public_file});
  const base::Buffer sealed = sealed_keys(files, owner.public_key());
  EXPECT_THAT(base::text_of(sealed), testing::Not(HasSubstr("a private key")));
  EXPECT_EQ(opened_saved_keys(sealed, owner).files, files.files);
  EXPECT_THROW(opened_saved_keys(sealed, new_key()), base::Error);
}

TEST(SavedKeys, AreRefusedWhenAnyByteWasChangedOrCutOff) {
  const base::PrivateKey owner = new_key();
  const base::Buffer sealed = sealed_keys(SecretFiles({key_file}), owner.public_key());
  for (std::size_t at = 0; at < sealed.size(); at += at < 1100 ? 1 : 37) {
    base::Buffer changed = sealed;
    changed[at] ^= 1;
    EXPECT_THROW(opened_saved_keys(changed, owner), base::Error) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, sealed.size() - 1})
    EXPECT_THROW(opened_saved_keys(base::Bytes(sealed).first(size), owner), base::Error) << size;
}

TEST(SavedKeys, AndBackupsOfAServiceAreNotTakenForEachOther) {
  const base::PrivateKey owner = new_key();
  Backup backup;
  backup.tenant = "acme";
  backup.files = {key_file};
  EXPECT_THROW(opened_saved_keys(sealed_backup(backup, owner.public_key()), owner), base::Error);
  EXPECT_THROW(opened_backup(sealed_keys(SecretFiles({key_file}), owner.public_key()), owner), base::Error);
}

TEST(SavedKeys, NameWhatIsMalformedInTheirLine) {
  const base::PrivateKey owner = new_key();
  for (const char* text : {"", "{}", "{}\n", "no json\n", "{\"schema\":\"bulkhead.saved-keys/v2\"}\n",
                           "{\"schema\":\"bulkhead.saved-keys/v1\",\"tenant\":\"acme\"}\n",
                           "{\"schema\":\"bulkhead.saved-keys/v1\",\"recipient\":7}\n"}) {
    try {
      opened_saved_keys(base::bytes_of(text), owner);
      FAIL() << text;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed) << text;
      EXPECT_THAT(error.what(), HasSubstr("saved keys"));
    }
  }
}

TEST(SavedKeys, AreFilesWithPlainNamesAndTheTwoModes) {
  struct Case {
    std::vector<TarMember> files;
    const char* words;
  };
  for (const Case& one : {Case{{}, "no file"}, Case{{{"a/b", TarMember::Type::file, 0600, "x"}}, "no plain file"},
                          Case{{{"a\nb", TarMember::Type::file, 0600, "x"}}, "no plain file"},
                          Case{{{"a", TarMember::Type::directory, 0600, ""}}, "no plain file"},
                          Case{{{"a", TarMember::Type::symlink, 0600, "/etc/passwd"}}, "no plain file"},
                          Case{{{"a", TarMember::Type::file, 0666, "x"}}, "wanted 0600 or 0644"},
                          Case{{{"a", TarMember::Type::file, 04755, "x"}}, "wanted 0600 or 0644"},
                          Case{std::vector<TarMember>(257, key_file), "than 256"}}) {
    try {
      sealed_keys(SecretFiles(one.files), new_key().public_key());
      FAIL() << one.words;
    } catch (const base::Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(one.words));
    }
    try {
      unsealed_keys(base::tar_archive(one.files));
      FAIL() << one.words;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed) << one.words;
    }
  }
  EXPECT_THROW(unsealed_keys(base::Buffer(100)), base::Error);
}

}  // namespace
}  // namespace attestation
