#include "measurement/reference_claims.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace measurement {
namespace {

using base::Json;

base::Sha384 sha384(std::uint8_t byte) {
  base::Sha384 digest;
  digest.bytes.fill(byte);
  return digest;
}

ReferenceClaims snp_claims(std::uint64_t policy) {
  SnpReferenceValues values;
  values.launch_digest = LaunchDigest::from(sha384(0x5c).view());
  values.policy = policy;
  return claims_of(values);
}

Json payload(const Json& message) {
  const base::Buffer text = base::from_base64(message.at("payload").text()).value();
  return Json::parse(base::text_of(text), "payload");
}

// The names are those of Trustee's default policy (attestation-service, ear_default_policy_cpu.rego).
TEST(RvpsMessage, HasTheNamesTheDefaultPolicyLooksUpForSnp) {
  const Json message = rvps_message(snp_claims(0x12'0137));
  EXPECT_EQ(message.at("version").text(), "0.1.0");
  EXPECT_EQ(message.at("type").text(), "sample");
  EXPECT_EQ(payload(message), message.at("values"));
  EXPECT_EQ(payload(message), Json(Json::Object{{"snp_launch_measurement", Json::Array{sha384(0x5c).hex()}},
                                                {"snp_guest_abi_major", 1},
                                                {"snp_guest_abi_minor", 0x37},
                                                {"snp_single_socket", true},
                                                {"snp_smt_allowed", false}}));
}

// The default policy has no "at least": `input.snp.reported_tcb_snp in query_reference_value("snp_snp_svn")`.
TEST(RvpsMessage, HasEveryTcbLevelFromTheLeastOnOnlyWhereOneIsKnown) {
  ReferenceClaims claims = snp_claims(0x30000);
  claims.minimum_tcb.snp = 253;
  claims.minimum_tcb.microcode = 255;
  const Json values = payload(rvps_message(claims));
  EXPECT_EQ(values.at("snp_snp_svn"), Json(Json::Array{253, 254, 255}));
  EXPECT_EQ(values.at("snp_microcode"), Json(Json::Array{255}));
  EXPECT_EQ(values.find("snp_bootloader"), nullptr);
  EXPECT_EQ(values.find("snp_tee_svn"), nullptr);
  claims.minimum_tcb = {4, 0, std::nullopt, std::nullopt};
  const Json others = payload(rvps_message(claims));
  EXPECT_EQ(others.at("snp_bootloader").array().size(), 252U);
  EXPECT_EQ(others.at("snp_tee_svn").array().size(), 256U);
  EXPECT_THROW(add_claims(claims, snp_claims(0x30000)), base::Error);
}

TEST(ReferenceClaims, OfABootHaveTheRegistersOfEveryOutcome) {
  Prediction boot;
  boot.events = exit_boot_services_events();
  boot.alternatives = {{std::string(exit_boot_services_retried), with_exit_boot_services_retry(boot.events)}};
  const ReferenceClaims claims = claims_of(boot);
  EXPECT_EQ(claims.platform, Platform::tpm);
  ASSERT_EQ(claims.registers.size(), 1U);
  EXPECT_EQ(claims.registers[0].name, "PCR5");
  ASSERT_EQ(claims.registers[0].states.size(), 2U);
  EXPECT_EQ(payload(rvps_message(claims)).at("tpm_pcr5").array().at(1).text(),
            fold(boot.alternatives[0].events).sha256.at(5).hex());
}

TEST(RvpsMessage, HasAllAlternativesOfARegisterInOneList) {
  ReferenceClaims claims = snp_claims(0x30000);
  SnpReferenceValues other;
  other.launch_digest = LaunchDigest::from(sha384(0x77).view());
  other.policy = 0x30000;
  add_claims(claims, claims_of(other));
  add_claims(claims, claims_of(other));
  EXPECT_EQ(payload(rvps_message(claims)).at("snp_launch_measurement"),
            Json(Json::Array{sha384(0x5c).hex(), sha384(0x77).hex()}));
}

TEST(RvpsMessage, HasTheNamesTheDefaultPolicyLooksUpForTdx) {
  ReferenceClaims claims = claims_of(Platform::tdx, "MRTD", {sha384(1).view()});
  add_claims(claims, claims_of(Platform::tdx, "RTMR1", {sha384(2).view(), sha384(3).view()}));
  claims.kernel_event = sha384(4).hex();
  claims.command_line_event = sha384(5).hex();
  EXPECT_EQ(payload(rvps_message(claims)), Json(Json::Object{{"mr_td", Json::Array{sha384(1).hex()}},
                                                             {"rtmr_1", Json::Array{sha384(2).hex(), sha384(3).hex()}},
                                                             {"tdvfkernel", sha384(4).hex()},
                                                             {"tdvfkernelparams", sha384(5).hex()}}));
}

TEST(ReferenceClaims, OfATdAreItsRegistersWithAllOutcomesAndTheEventsTrusteeLooksFor) {
  TdxReferenceValues values;
  values.mrtd.bytes.fill(1);
  values.rtmrs = {std::vector{sha384(2)}, std::vector{sha384(3), sha384(4)}, std::vector{sha384(5)}};
  values.events.push_back(make_event(2, "EV_EFI_BOOT_SERVICES_APPLICATION", "kernel", Provenance::input_file,
                                     digests_of(base::bytes_of("kernel"))));
  const ReferenceClaims claims = claims_of(Measurement(values));
  ASSERT_EQ(claims.registers.size(), 4U);
  EXPECT_EQ(claims.registers[2].name, "RTMR1");
  EXPECT_EQ(claims.registers[2].states.size(), 2U);
  EXPECT_EQ(claims.kernel_event, base::sha384(base::bytes_of("kernel")).hex());
  EXPECT_FALSE(claims.command_line_event.has_value());
}

TEST(RvpsMessage, HasPcrsOfTheSha256Bank) {
  TpmReferenceValues values;
  values.pcrs.sha256[11].bytes.fill(7);
  values.pcrs.sha384[11].bytes.fill(8);
  EXPECT_EQ(payload(rvps_message(claims_of(values))),
            Json(Json::Object{{"tpm_pcr11", Json::Array{values.pcrs.sha256[11].hex()}}}));
}

TEST(RvpsMessage, IsRefusedWhereTheDefaultPolicyHasNoNames) {
  for (const Platform platform : {Platform::sev, Platform::sev_es, Platform::cca})
    EXPECT_THROW((void)rvps_message(claims_of(platform, "MEASUREMENT", {sha384(1).view()})), base::Error);
}

TEST(ReferenceClaims, OfDifferentPoliciesDoNotMix) {
  ReferenceClaims claims = snp_claims(0x30000);
  EXPECT_THROW(add_claims(claims, snp_claims(0xb0000)), base::Error);
}

TEST(ReferenceClaims, AreHexadecimalLinesNamedWhereThereAreSeveralRegisters) {
  EXPECT_EQ(hex_lines(snp_claims(0x30000)), sha384(0x5c).hex() + "\n");
  ReferenceClaims claims = claims_of(Platform::tdx, "MRTD", {sha384(1).view()});
  add_claims(claims, claims_of(Platform::tdx, "RTMR1", {sha384(2).view()}));
  EXPECT_EQ(hex_lines(claims), "MRTD " + sha384(1).hex() + "\nRTMR1 " + sha384(2).hex() + "\n");
}

}  // namespace
}  // namespace measurement
