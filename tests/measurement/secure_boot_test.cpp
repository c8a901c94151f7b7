#include "measurement/secure_boot.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "tests/measurement/store_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

constexpr FirmwareProfile with_secure_boot{FirmwareGeneration::from_202505, KernelSource::boot_file_first,
                                           InitrdWord::prefix, SecureBootVariable::zero};
constexpr FirmwareProfile without_secure_boot{FirmwareGeneration::from_202505, KernelSource::boot_file_first,
                                              InitrdWord::prefix, SecureBootVariable::undefined};
constexpr std::string_view secure_boot_enable_guid = "f0a30bc7-af08-4556-99c4-001009c93a44";

VariableStore enrolled(std::optional<std::uint8_t> enable) {
  VariableStore store{{{std::string(global_variable_guid), "PK", 0x27, {1, 2, 3}}}};
  if (enable) store.variables.push_back({std::string(secure_boot_enable_guid), "SecureBootEnable", 3, {*enable}});
  return store;
}

// The digests of SecureBoot=0 and =1 are those of real event logs (shared vectors, tdx/constants.json).
constexpr const char* off =
    "cfa4e2c606f572627bf06d5669cc2ab1128358d27b45bc63ee9ea56ec109cfafb7194006f847a6a74b5eaed6b73332ec";
constexpr const char* on =
    "2cded0c6f453d4c6f59c5e14ec61abc6b018314540a2367cba326a52aa2b315ccc08ce68a816ce09c6ef2ac7e514ae1f";
constexpr const char* undefined =
    "9dc3a1f80bcec915391dcda5ffbb15e7419f77eab462bbf72b42166fb70d50325e37b36f93537a863769bcf9bedae6fb";

TEST(SecureBoot, IsOnWithAPlatformKeyUnlessSwitchedOff) {
  EXPECT_EQ(secure_boot_events(with_secure_boot, {})[0].sha384.hex(), off);
  EXPECT_EQ(secure_boot_events(with_secure_boot, enrolled(std::nullopt))[0].sha384.hex(), on);
  EXPECT_EQ(secure_boot_events(with_secure_boot, enrolled(1))[0].sha384.hex(), on);
  EXPECT_EQ(secure_boot_events(with_secure_boot, enrolled(0))[0].sha384.hex(), off);
  EXPECT_EQ(secure_boot_events(without_secure_boot, enrolled(1))[0].sha384.hex(), undefined);
}

TEST(SecureBoot, MeasuresDbtOnlyWhereItIsSet) {
  VariableStore store = enrolled(1);
  EXPECT_EQ(secure_boot_events(with_secure_boot, store).size(), 6U);
  store.variables.push_back({std::string(image_security_guid), "dbt", 0x27, {9}});
  const std::vector<BootEvent> events = secure_boot_events(with_secure_boot, store);
  ASSERT_EQ(events.size(), 7U);
  EXPECT_EQ(events[5].what, "dbt variable");
  EXPECT_EQ(events[6].type, "EV_SEPARATOR");
}

TEST(SecureBoot, EventsOfAnEnrolledStoreFollowFromThatFile) {
  EXPECT_EQ(secure_boot_events(with_secure_boot, {})[1].provenance, Provenance::firmware_constant);
  EXPECT_EQ(secure_boot_events(with_secure_boot, enrolled(1))[1].provenance, Provenance::input_file);
  EXPECT_EQ(authority_event("the kernel").provenance, Provenance::unpredictable);
}

TEST(SecureBoot, EventsOfDebiansEnrolledStoreAreThoseOfTheVectors) {
  const base::Buffer image = testing_files::read(testing_files::vectors() / "tdx/varstore/OVMF_VARS_4M.ms.fd");
  const base::Buffer text = testing_files::read(testing_files::vectors() / "tdx/manifest.json");
  if (image.empty() || text.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const VariableStore store = read_variable_store(image);
  const base::Json manifest = base::Json::parse(base::text_of(text), "manifest");
  for (const base::Json& entry : manifest.at("entries").array()) {
    if (entry.at("id").text() != "varstore/debian-ms") continue;
    for (const std::uint8_t enable : {std::uint8_t{0}, std::uint8_t{1}}) {
      VariableStore switched = store;
      switched.variables.push_back({std::string(secure_boot_enable_guid), "SecureBootEnable", 3, {enable}});
      const base::Json& expected = entry.at("expected").at(enable == 1 ? "SecureBoot=01" : "SecureBoot=00");
      const std::vector<BootEvent> events = secure_boot_events(with_secure_boot, switched);
      std::size_t at = 0;
      for (const char* const name : {"SecureBoot", "PK", "KEK", "db", "dbx"})
        EXPECT_EQ(events[at++].sha384.hex(), expected.at(name).text()) << name;
    }
  }
}

}  // namespace
}  // namespace measurement
