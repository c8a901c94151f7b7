#pragma once
#include <map>

#include "base/encoding.h"
#include "base/error.h"
#include "kms/sealing_tpm.h"

namespace fakes {

/// A TPM that knows what it sealed by the whole object. Its areas have the form of a real TPM's.
class FakeSealingTpm final : public kms::SealingTpm {
 public:
  kms::TpmSealedKey seal(const base::Secret& key, const std::vector<unsigned>& pcrs) override {
    const base::Buffer number(32, static_cast<std::uint8_t>(sealed_.size() + 1));
    kms::TpmSealedKey made{{}, {0, 32}, {0x00, 0x0b}, pcrs};
    const auto head = base::from_hex(pcrs.empty() ? "002e0008000b00000452000000100020" : "004e0008000b000004920020");
    base::append(made.public_area, *head);
    if (!pcrs.empty()) {
      base::append(made.public_area, base::Buffer(32, 0x70));
      base::append(made.public_area, base::Buffer{0x00, 0x10, 0x00, 0x20});
    }
    base::append(made.public_area, number);
    base::append(made.private_area, number);
    base::append(made.parent, base::Buffer(32, 0x51));
    sealed_.emplace(made.private_area, key.clone());
    return made;
  }
  base::Secret unseal(const kms::TpmSealedKey& key) override {
    const auto found = sealed_.find(key.private_area);
    if (found == sealed_.end()) throw base::Error(base::Kind::failure, "another TPM");
    return found->second.clone();
  }

 private:
  std::map<base::Buffer, base::Secret> sealed_;
};

}  // namespace fakes
