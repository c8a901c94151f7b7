#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "kms/key_name.h"
#include "kms/key_record.h"

namespace kms {

struct StoredRecord {
  KeyRecord record;
  std::uint64_t revision = 0;  ///< from 1, one more with every write
};

enum class Written { yes, somebody_else_was_first };

/// Where the records of one tenant's keys are: a file of ours, or the KV store of an OpenBao.
class KeyRecords {
 public:
  virtual ~KeyRecords() = default;
  /// nullopt when no key of that name was ever made.
  virtual std::optional<StoredRecord> read(const KeyName& name) = 0;
  /// Writes if the revision stored is still `expected` (0: none is). All of it or nothing, and on disk when it returns.
  [[nodiscard]] virtual Written write(const KeyName& name, const KeyRecord& record, std::uint64_t expected) = 0;
  virtual std::vector<KeyName> names() = 0;  ///< sorted
};

}  // namespace kms
