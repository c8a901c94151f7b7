#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "base/crypto.h"
#include "base/error.h"
#include "kms/key_material.h"
#include "kms/key_records.h"
#include "kms/provider_error.h"

/// A tenant's keys and records in memory. They outlive whoever uses them, so that a test can kill the user.
namespace fakes {

/// No Error: nobody catches a kill -9.
struct Killed {};

struct KeyProvider {
  std::map<kms::KeyName, kms::StoredRecord> records;
  std::map<base::Buffer, base::Buffer> material;  ///< handle -> key
  std::set<base::Buffer> revoked;
  int calls_until_kill = -1;         ///< the process is killed instead of this call; -1: never
  bool kill_after_the_call = false;  ///< or just after it was done, before its answer
  bool down = false;                 ///< every call to the material fails
  bool others_write_first = false;
  std::function<void()> before_each;  ///< such as waiting: a slow provider

  template <typename Call>
  auto call(Call&& done) {
    const bool last = calls_until_kill >= 0 && calls_until_kill-- == 0;
    if (last && !kill_after_the_call) throw Killed();
    auto result = done();
    if (last) throw Killed();
    return result;
  }
};

class FakeKeyRecords final : public kms::KeyRecords {
 public:
  explicit FakeKeyRecords(KeyProvider& provider) : provider_(provider) {}
  std::optional<kms::StoredRecord> read(const kms::KeyName& name) override {
    const auto found = provider_.records.find(name);
    return found == provider_.records.end() ? std::nullopt : std::optional(found->second);
  }
  kms::Written write(const kms::KeyName& name, const kms::KeyRecord& record, std::uint64_t expected) override {
    return provider_.call([&] {
      const std::optional<kms::StoredRecord> before = read(name);
      if (provider_.others_write_first || (before ? before->revision : 0) != expected)
        return kms::Written::somebody_else_was_first;
      // As a real one does: only what can be read back is stored.
      provider_.records.insert_or_assign(
          name, kms::StoredRecord{kms::parse_record(kms::record_text(record), "record"), expected + 1});
      return kms::Written::yes;
    });
  }
  std::vector<kms::KeyName> names() override {
    std::vector<kms::KeyName> names;
    for (const auto& [name, record] : provider_.records) names.push_back(name);
    return names;
  }

 private:
  KeyProvider& provider_;
};

class FakeKeyMaterial final : public kms::KeyMaterial {
 private:
  template <typename Call>
  auto reached(Call&& done) {
    if (provider_.before_each) provider_.before_each();
    if (provider_.down) throw kms::ProviderError(base::Kind::failure, "fake", "7", "it is down", kms::Retry::safe);
    return provider_.call(done);
  }

 public:
  explicit FakeKeyMaterial(KeyProvider& provider) : provider_(provider) {}
  [[nodiscard]] std::string provider() const override { return "fake"; }
  base::Buffer make(const kms::MaterialId& /*id*/) override {
    return reached([&] {
      base::Buffer handle = base::random_bytes(8);
      provider_.material[handle] = base::random_bytes(kms::key_size);
      return handle;
    });
  }
  base::Secret fetch(const kms::MaterialId& /*id*/, base::Bytes handle) override {
    return reached([&] { return base::Secret(base::Buffer(provider_.material.at(base::buffer_of(handle)))); });
  }
  void revoke(const kms::MaterialId& /*id*/, base::Bytes handle) override {
    reached([&] { return provider_.revoked.insert(base::buffer_of(handle)).second; });
  }
  void erase(const kms::MaterialId& /*id*/, base::Bytes handle) override {
    reached([&] { return provider_.material.erase(base::buffer_of(handle)); });
  }

 private:
  KeyProvider& provider_;
};

}  // namespace fakes
