#include "kms/passport_records.h"

#include "base/error.h"

namespace kms {
namespace {

/// Handles are empty: the guest makes its key and no one here ever sees it.
class MaterialOfGuests final : public KeyMaterial {
 public:
  explicit MaterialOfGuests(std::string where) : where_(std::move(where)) {}
  [[nodiscard]] std::string provider() const override { return where_; }
  base::Buffer make(const MaterialId& id) override {
    if (id.version > 1) refuse(id, "and there is no rotation of a key that the guest asks for itself");
    return {};
  }
  base::Secret fetch(const MaterialId& id, base::Bytes /*handle*/) override { refuse(id, "which has it alone"); }
  void revoke(const MaterialId& /*id*/, base::Bytes /*handle*/) override {}
  void erase(const MaterialId& id, base::Bytes /*handle*/) override { refuse(id, "where its owner destroys it"); }

 private:
  [[noreturn]] void refuse(const MaterialId& id, const char* what) const {
    throw base::Error(base::Kind::failure, "key " + id.key.text() + ": it is at " + where_ + ", " + what);
  }
  std::string where_;
};

}  // namespace

FileStore open_passport_records(const FileStoreOptions& options, base::Secret records_key, std::string where) {
  return open_file_store(options, *make_key_wrapper(std::move(records_key)),
                         std::make_unique<MaterialOfGuests>(std::move(where)));
}

}  // namespace kms
