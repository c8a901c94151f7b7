#pragma once
#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "guest/volumes.h"

namespace fakes {

/// A disk in memory that can be cut off in the middle of being changed.
class EncryptedDisk final : public guest::EncryptedDisk {
 public:
  std::set<base::Buffer> slots;          ///< keys that open it
  std::optional<base::Buffer> recovery;  ///< one more
  std::optional<std::string> note;       ///< about that one
  bool header = false, other_data = false, file_system = false, mounted = false;
  int formatted = 0;                ///< how often
  int steps_until_power_loss = -1;  ///< of whatever changes it; -1: never

  guest::DiskContent content() override {
    if (other_data || !slots.empty()) return guest::DiskContent::filled;
    return header ? guest::DiskContent::unfinished : guest::DiskContent::blank;
  }
  void format(base::Bytes new_key) override {
    header = true;
    other_data = file_system = false;
    slots.clear();
    ++formatted;
    step();
    slots = {base::buffer_of(new_key)};
    step();
  }
  bool open(base::Bytes tried) override { return open_ = opens_with(tried); }
  void make_file_system() override {
    if (!open_) throw base::Error(base::Kind::host, "a file system was made on a disk that is not open");
    step();
    file_system = true;
  }
  bool mount() override { return mounted = open_ && file_system; }
  std::size_t keys() override { return slots.size(); }
  void add_key(base::Bytes known, base::Bytes added) override {
    if (!opens_with(known) && !opens_with(added)) throw base::Error(base::Kind::failure, "does not open");
    step();
    slots.insert(base::buffer_of(added));
    step();
  }
  void keep_only(std::span<const base::Secret> keys) override {
    const auto is_kept = [&](const base::Buffer& slot) {
      return std::ranges::any_of(keys, [&](const base::Secret& key) { return base::buffer_of(key.view()) == slot; });
    };
    if (std::ranges::none_of(slots, is_kept)) throw base::Error(base::Kind::failure, "does not open");
    for (auto slot = slots.begin(); slot != slots.end();) {
      if (is_kept(*slot)) {
        ++slot;
        continue;
      }
      step();
      slot = slots.erase(slot);
    }
  }
  std::optional<std::string> recovery_note() override { return note; }
  void set_recovery(std::span<const base::Secret> known, base::Bytes key,
                    const std::function<std::string(int slot)>& note_of) override {
    if (std::ranges::none_of(known, [&](const base::Secret& one) { return opens_with(one.view()); }))
      throw base::Error(base::Kind::failure, "does not open");
    recovery = base::buffer_of(key);
    note = note_of(7);
  }
  void drop_recovery() override {
    recovery.reset();
    note.reset();
  }
  [[nodiscard]] bool opens_with(base::Bytes key) const { return slots.contains(base::buffer_of(key)); }
  void lose_power() { open_ = mounted = false; }

 private:
  void step() {
    if (steps_until_power_loss >= 0 && steps_until_power_loss-- == 0) throw base::Error(base::Kind::host, "power lost");
  }
  bool open_ = false;
};

}  // namespace fakes
