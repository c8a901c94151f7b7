#pragma once
#include <optional>

#include "base/error.h"
#include "guest/volumes.h"

namespace fakes {

/// A disk in memory that can be cut off in the middle of being made.
class EncryptedDisk final : public guest::EncryptedDisk {
 public:
  std::optional<base::Buffer> key;  ///< that opens it
  bool header = false, other_data = false, file_system = false, mounted = false;
  int formatted = 0;                ///< how often
  int steps_until_power_loss = -1;  ///< of format and make_file_system; -1: never

  guest::DiskContent content() override {
    if (other_data || key) return guest::DiskContent::filled;
    return header ? guest::DiskContent::unfinished : guest::DiskContent::blank;
  }
  void format(base::Bytes new_key) override {
    header = true;
    other_data = file_system = false;
    key.reset();
    ++formatted;
    step();
    key = base::buffer_of(new_key);
    step();
  }
  bool open(base::Bytes tried) override { return open_ = key && base::equal_in_constant_time(*key, tried); }
  void make_file_system() override {
    if (!open_) throw base::Error(base::Kind::host, "a file system was made on a disk that is not open");
    step();
    file_system = true;
  }
  bool mount() override { return mounted = open_ && file_system; }
  void lose_power() { open_ = mounted = false; }

 private:
  void step() {
    if (steps_until_power_loss >= 0 && steps_until_power_loss-- == 0) throw base::Error(base::Kind::host, "power lost");
  }
  bool open_ = false;
};

}  // namespace fakes
