#include "measurement/corim.h"

#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/uuid.h"
#include "measurement/corim_labels.h"

namespace measurement {
namespace {

using base::Cbor;

/// The namespace of the profile's tag identities.
constexpr base::Uuid tag_namespace = {0x85, 0xf3, 0xf1, 0xc2, 0x22, 0xa8, 0x44, 0x1e,
                                      0xa1, 0xb9, 0xbc, 0xcf, 0xb6, 0x3e, 0xd5, 0xf7};

struct EnvironmentClass {
  std::string vendor, model;
  [[nodiscard]] std::string path() const { return vendor + "/" + model; }
};

EnvironmentClass class_of(Platform platform) {
  static const std::map<Platform, EnvironmentClass> classes{
      {Platform::sev, {"AMD", "SEV"}},   {Platform::sev_es, {"AMD", "SEV-ES"}}, {Platform::snp, {"AMD", "SEV-SNP"}},
      {Platform::tdx, {"Intel", "TDX"}}, {Platform::cca, {"Arm", "CCA"}},       {Platform::tpm, {"TCG", "TPM"}}};
  return classes.at(platform);
}

/// IANA, Named Information Hash Algorithm Registry.
std::int64_t algorithm_of(const base::Buffer& digest) {
  return digest.size() == 32 ? 1 : digest.size() == 48 ? 7 : 8;
}

Cbor measurement_map(const std::string& name, const ReferenceRegister::State& state) {
  Cbor::Array digests;
  for (const base::Buffer& digest : state) digests.emplace_back(Cbor::Array{algorithm_of(digest), digest});
  return Cbor::Map{{labels::measurement_key, name},
                   {labels::measurement_value, Cbor::Map{{labels::value_digests, std::move(digests)}}}};
}

/// "When this digest was found, the security version number is this."
Cbor series_record(const Cbor& selection, std::uint32_t svn) {
  const Cbor exact = Cbor::tagged(labels::exact_svn_tag, std::int64_t{svn});
  const Cbor addition = Cbor::Map{{labels::measurement_value, Cbor::Map{{labels::value_svn, exact}}}};
  return Cbor::Array{Cbor::Array{selection}, Cbor::Array{addition}};
}

bool is_launch_digest(const ReferenceRegister& reg) {
  return reg.name == "MEASUREMENT" || reg.name == "MRTD";
}

Cbor triples(const ReferenceClaims& claims, const Cbor& environment) {
  Cbor::Array references, series;
  for (const ReferenceRegister& reg : claims.registers)
    for (const ReferenceRegister::State& state : reg.states) {
      const Cbor found = measurement_map(reg.name, state);
      references.emplace_back(Cbor::Array{environment, Cbor::Array{found}});
      if (is_launch_digest(reg)) series.push_back(series_record(found, claims.svn));
    }
  Cbor::Map map{{labels::reference_triples, std::move(references)}};
  if (!series.empty()) {
    const Cbor condition = Cbor::Array{environment, Cbor::Array{}};
    map.emplace_back(labels::endorsement_series_triples, Cbor::nested({condition, std::move(series)}));
  }
  return map;
}

bool meets_the_profile(const ReferenceClaims& claims) {
  const bool known = claims.platform == Platform::snp || claims.platform == Platform::tdx;
  return known && claims.registers.size() == 1 && is_launch_digest(claims.registers.front()) &&
         claims.registers.front().states.size() == 1;
}

}  // namespace

base::Buffer corim(const ReferenceClaims& claims) {
  const EnvironmentClass where = class_of(claims.platform);
  const Cbor environment = Cbor::Map{
      {labels::environment_class, Cbor::Map{{labels::class_vendor, where.vendor}, {labels::class_model, where.model}}}};
  const std::string tag_id = base::uuid_text(base::uuid_version5(tag_namespace, where.path()));
  const Cbor comid = Cbor::Map{{labels::comid_identity, Cbor::Map{{labels::identity_tag, tag_id}}},
                               {labels::comid_triples, triples(claims, environment)}};
  Cbor::Map map{{labels::corim_id, where.path() + "/launch-measurement"},
                {labels::corim_tags, Cbor::Array{Cbor::tagged(labels::comid_tag, comid.encoded())}}};
  if (meets_the_profile(claims)) map.emplace_back(labels::corim_profile, labels::launch_measurement_profile);
  return Cbor::tagged(labels::unsigned_corim_tag, std::move(map)).encoded();
}

base::Buffer signed_corim(base::Bytes corim, const base::Signer& signer) {
  const std::string key = signer.public_key().fingerprint().hex();
  const Cbor meta = Cbor::Map{{labels::meta_signer, Cbor::Map{{labels::signer_name, "sha256:" + key}}}};
  Cbor::Map header{{labels::header_content_type, labels::content_type},
                   {labels::header_key_id, signer.public_key().fingerprint().view()},
                   {labels::header_corim_meta, meta.encoded()}};
  return base::cose_sign1(std::move(header), corim, signer).item().encoded();
}

}  // namespace measurement
