#include <gmock/gmock.h>

#include "attestation/wire/recovery_note.h"
#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;

TEST(KmsCheck, RefusesAConnectionThatIsNone) {
  EXPECT_EQ(run_command({"kms", "check"}).code, 64);
  const tests::TemporaryFolder folder;
  EXPECT_EQ(run_command({"kms", "check", folder.file("no-such-connection")}).code, 1);
  const std::string path = folder.file("connection.json");
  base::write_file_atomically(path, std::string_view(R"({"schema":"bulkhead.kms-connection/v2","tenant":"acme"})"),
                              0600);
  const Ran ran = run_command({"kms", "check", path});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("schema: got 'bulkhead.kms-connection/v2', wanted bulkhead.kms-connection/v1"));
}

TEST(KmsRecover, WritesWhatOpensAVolumeForTheOwnerItIsSealedTo) {
  const tests::TemporaryFolder folder;
  for (const char* name : {"acme", "globex"})
    ASSERT_EQ(run_command({"keys", "recovery", "--out", folder.file(name)}).code, 0);
  const auto owner = base::PublicKey::from_pem(base::read_file(folder.file("acme.pub")), "key");
  base::write_file_atomically(folder.file("note"), attestation::wire::recovery_note(base::Buffer(32, 7), {owner}, 1),
                              0644);
  const auto recover = [&](const std::string& key) {
    return run_command(
        {"kms", "recover", folder.file("note"), "--key", folder.file(key + ".key"), "--out", folder.file("opens")});
  };
  const Ran foreign = recover("globex");
  EXPECT_EQ(foreign.code, 1);
  EXPECT_THAT(foreign.err, HasSubstr("recovery note: is not for the key "));
  const Ran ran = recover("acme");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("cryptsetup open --key-file "));
  const base::Secret opens = base::read_secret_file(folder.file("opens"));
  EXPECT_EQ(base::buffer_of(opens.view()), base::Buffer(32, 7));
  EXPECT_EQ(recover("acme").code, 1) << "it replaces nothing";
  base::write_file_atomically(folder.file("note"), std::string_view("{}"), 0644);
  EXPECT_EQ(recover("acme").code, 3);
}

}  // namespace
}  // namespace cli
