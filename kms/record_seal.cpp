#include "kms/record_seal.h"

#include "base/error.h"
#include "base/json.h"

namespace kms {
namespace {

std::string bound_text(const RecordPlace& place) {
  return base::Json(base::Json::Array{"bulkhead.kms-record/v1", place.tenant.name, place.key.text(),
                                      std::to_string(place.revision), static_cast<std::int64_t>(place.version),
                                      place.state})
      .compact();
}

std::string bound_text(const base::TenantId& tenant, std::uint64_t generation) {
  return base::Json(base::Json::Array{"bulkhead.kms-sum/v1", tenant.name, std::to_string(generation)}).compact();
}

}  // namespace

RecordPlace place_of(const base::TenantId& tenant, const KeyName& key, const StoredRecord& stored) {
  return {tenant, key, stored.revision, stored.record.current ? stored.record.current->number : 0,
          std::string(name_of(stored.record.state))};
}

base::SealedBox seal_record(base::Bytes key, const RecordPlace& place, const KeyRecord& record) {
  return base::seal_aes256_gcm(key, base::bytes_of(record_text(record)), base::bytes_of(bound_text(place)));
}

KeyRecord open_record(base::Bytes key, const RecordPlace& place, const base::SealedBox& box) {
  const std::string name = "record of key " + place.key.text();
  base::Secret text;
  try {
    text = base::open_aes256_gcm(key, box, base::bytes_of(bound_text(place)));
  } catch (const base::Error&) {
    throw base::Error(base::Kind::failure, name + " at revision " + std::to_string(place.revision) +
                                               ": it was changed, or is not the record of this key at this revision");
  }
  const auto* const characters = reinterpret_cast<const char*>(text.view().data());
  return parse_record({characters, text.size()}, name);
}

RevisionSum RevisionSum::clone() const {
  RevisionSum copy(key_.clone());
  copy.sum_ = sum_;
  return copy;
}

void RevisionSum::toggle(const KeyName& name, std::uint64_t revision) {
  // A name has no NUL, so the pair has one text.
  const std::string pair = name.text() + '\0' + std::to_string(revision);
  const base::Buffer mac = base::hmac_sha256(key_.view(), base::bytes_of(pair));
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] = static_cast<std::uint8_t>(sum_[i] ^ mac[i]);
}

base::SealedBox seal_sum(base::Bytes key, const base::TenantId& tenant, std::uint64_t generation, base::Bytes sum) {
  return base::seal_aes256_gcm(key, sum, base::bytes_of(bound_text(tenant, generation)));
}

base::Secret open_sum(base::Bytes key, const base::TenantId& tenant, std::uint64_t generation,
                      const base::SealedBox& box) {
  return base::open_aes256_gcm(key, box, base::bytes_of(bound_text(tenant, generation)));
}

}  // namespace kms
