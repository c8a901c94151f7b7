#include "kms/passport_records.h"

#include "base/error.h"

namespace kms {
namespace {

/// Handles are empty: the guest makes its key and no one here ever sees it.
class MaterialOfGuests final : public KeyMaterial {
 public:
  explicit MaterialOfGuests(std::string where) : where_(std::move(where)) {}
  [[nodiscard]] std::string provider() const override { return where_; }
  base::Buffer make(const MaterialId& /*id*/) override { return {}; }
  base::Secret fetch(const MaterialId& id, base::Bytes /*handle*/) override { refuse(id, "which has it alone"); }
  void revoke(const MaterialId& /*id*/, base::Bytes /*handle*/) override {}
  void erase(const MaterialId& id, base::Bytes /*handle*/) override { refuse(id, "where its owner destroys it"); }
  /// Each version stays there until its owner deletes it, of which no one here hears.
  void discard(const MaterialId& /*id*/, base::Bytes /*handle*/) override {}

 private:
  [[noreturn]] void refuse(const MaterialId& id, const char* what) const {
    throw base::Error(base::Kind::failure, "key " + id.key.text() + ": it is at " + where_ + ", " + what);
  }
  std::string where_;
};

}  // namespace

std::unique_ptr<KeyMaterial> make_material_of_guests(std::string where) {
  return std::make_unique<MaterialOfGuests>(std::move(where));
}

FileStore open_passport_records(const FileStoreOptions& options, KeyEncryptionKeys records_keys, std::string where) {
  return open_store_of_handles(options, std::move(records_keys), make_material_of_guests(std::move(where)));
}

}  // namespace kms
