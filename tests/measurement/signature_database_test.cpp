#include <gmock/gmock.h>

#include "base/authenticode.h"
#include "base/error.h"
#include "measurement/pe_image.h"
#include "measurement/secure_boot.h"
#include "tests/measurement/store_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

base::Buffer file(const std::string& name) {
  return testing_files::read(testing_files::data() / "secure-boot" / name);
}

VariableStore store_with(base::Buffer db) {
  return {{{std::string(image_security_guid), "db", 0x27, std::move(db)}}};
}

base::Buffer list_of(const char* type, base::Bytes data) {
  base::Buffer list = base::buffer_of(base::guid_bytes(type));
  testing_store::put(list, 28 + 16 + data.size(), 4);
  testing_store::put(list, 0, 4);
  testing_store::put(list, 16 + data.size(), 4);
  base::append(list, base::Buffer(16, 0xaa));
  base::append(list, data);
  return list;
}
base::Buffer x509(base::Bytes certificate) {
  return list_of("a5c059a1-94e4-4aa7-87b5-ab155c2bf072", certificate);
}
base::Buffer joined(base::Buffer a, const base::Buffer& b) {
  base::append(a, b);
  return a;
}

TEST(DbEntry, OfASignedImageIsTheOneFirmwareLogged) {
  const base::Buffer entry = db_entry_of(file("signed.efi"), store_with(file("db")));
  const BootEvent event = authority_event("the image", entry);
  EXPECT_EQ(event.pcr, 7U);
  EXPECT_EQ(event.sha256.hex(), "3e45733d81577680037ee00c931b1b636bbe2508185c0c4f9ca68e0feceb786e");
  EXPECT_EQ(event.sha384.hex(),
            "2e30625bfddb2b1d37cc2833c10683e3b6066c7c6c1c9794c6a6cc1becec752bb24d0c8fabc36babc50bdd8fae586f9a");
}

TEST(DbEntry, MayHaveIssuedTheSignersCertificate) {
  const base::Buffer ca = x509(file("ca.der"));
  const base::Buffer entry = db_entry_of(file("signed-under-ca.efi"), store_with(joined(file("db"), ca)));
  EXPECT_EQ(entry, base::Buffer(ca.begin() + 28, ca.end()));
  EXPECT_TRUE(db_entry_of(file("signed.efi"), store_with(ca)).empty());
}

TEST(DbEntry, MayBeTheImagesDigest) {
  const base::Buffer image = file("signed.efi");
  const base::Buffer list = list_of("c1c41626-504c-4092-aca9-41f936934328", authenticode_digests(image).sha256.view());
  EXPECT_EQ(db_entry_of(image, store_with(list)), base::Buffer(list.begin() + 28, list.end()));
  // A certificate goes before a digest.
  EXPECT_EQ(db_entry_of(image, store_with(joined(list, file("db")))).size(), 907U);
}

TEST(DbEntry, IsNoneForAnImageThatWasChangedOrNotSigned) {
  base::Buffer changed = file("signed.efi");
  changed[0x200] ^= 1U;
  EXPECT_TRUE(db_entry_of(changed, store_with(file("db"))).empty());
  base::Buffer damaged = file("signed.efi");
  damaged[damaged.size() - 100] ^= 1U;
  EXPECT_TRUE(db_entry_of(damaged, store_with(file("db"))).empty());
  EXPECT_TRUE(db_entry_of(file("signed.efi"), {}).empty());
}

TEST(DbEntry, OfADamagedDbIsRefused) {
  base::Buffer db = file("db");
  db.pop_back();
  EXPECT_THROW(db_entry_of(file("signed.efi"), store_with(db)), base::Error);
  db = file("db");
  db[24] = 1;  // size of an entry
  db[25] = 0;
  EXPECT_THROW(db_entry_of(file("signed.efi"), store_with(db)), base::Error);
  db = file("db");
  db[16] = 27;  // size of the list
  db[17] = 0;
  EXPECT_THROW(db_entry_of(file("signed.efi"), store_with(db)), base::Error);
}

TEST(PeSignatures, AreTheSignedDataOfTheCertificateTable) {
  ASSERT_EQ(pe_signatures(file("signed.efi")).size(), 1U);
  EXPECT_EQ(base::authenticode_digest(pe_signatures(file("signed.efi"))[0]).value().size(), 32U);
  EXPECT_EQ(base::authenticode_digest(pe_signatures(file("signed-under-ca.efi"))[0]).value().size(), 48U);
  EXPECT_EQ(base::authenticode_digest(base::bytes_of("no signature")), std::nullopt);
  EXPECT_FALSE(base::authenticode_signed_under(base::bytes_of("no signature"), file("ca.der")));
  EXPECT_FALSE(base::authenticode_signed_under(pe_signatures(file("signed.efi"))[0], base::bytes_of("no certificate")));
}

TEST(PeSignatures, OfADamagedTableAreRefused) {
  base::Buffer image = file("signed.efi");
  image[0x400] = 7;  // size of the first entry
  image[0x401] = 0;
  EXPECT_THAT([&] { pe_signatures(image); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("PE certificate table+0x")));
}

}  // namespace
}  // namespace measurement
