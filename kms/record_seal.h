#pragma once
#include <cstdint>
#include <string>

#include "base/crypto.h"
#include "base/units.h"
#include "kms/key_name.h"
#include "kms/key_records.h"

/// Records in a file that others may write to: what is put in the place of another key's, another tenant's or a newer
/// record does not open. Pure.
namespace kms {

/// Where a record belongs. Everything here is readable beside the sealed record and bound to it.
struct RecordPlace {
  base::TenantId tenant;
  KeyName key;
  std::uint64_t revision = 0;
  std::uint32_t version = 0;  ///< the current version's number, 0 when destroyed
  std::string state;
};
RecordPlace place_of(const base::TenantId& tenant, const KeyName& key, const StoredRecord& stored);

/// @param key 32 bytes
base::SealedBox seal_record(base::Bytes key, const RecordPlace& place, const KeyRecord& record);
/// @throws Error{failure} when it does not belong at `place` or was changed
KeyRecord open_record(base::Bytes key, const RecordPlace& place, const base::SealedBox& box);

/// A digest of a set of (name, revision) pairs that is updated without reading the set: the sum, bit by bit without
/// carry, of a MAC of each. Who does not know the key and does not see the sum cannot make another set of the same sum.
/// Source: Clarke et al., Incremental Multiset Hash Functions, ASIACRYPT 2003 (MSet-XOR-Hash, for sets)
class RevisionSum {
 public:
  explicit RevisionSum(base::Secret key) : key_(std::move(key)) {}
  [[nodiscard]] RevisionSum clone() const;
  /// Adds a pair that is not in the set, or removes one that is.
  void toggle(const KeyName& name, std::uint64_t revision);
  [[nodiscard]] base::Bytes bytes() const noexcept { return sum_; }  ///< 32 bytes, secret from who may write the file

 private:
  base::Secret key_;
  base::Buffer sum_ = base::Buffer(32);
};

/// The sum of a whole store after its `generation`th write.
base::SealedBox seal_sum(base::Bytes key, const base::TenantId& tenant, std::uint64_t generation, base::Bytes sum);
base::Secret open_sum(base::Bytes key, const base::TenantId& tenant, std::uint64_t generation,
                      const base::SealedBox& box);

}  // namespace kms
