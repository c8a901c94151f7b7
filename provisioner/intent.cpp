#include "provisioner/intent.h"

#include <algorithm>

#include "base/crypto.h"

namespace provisioner {

const char* name_of(FileRole role) noexcept {
  switch (role) {
    case FileRole::firmware:
      return "firmware";
    case FileRole::kernel:
      return "kernel";
    case FileRole::initrd:
      return "initrd";
    case FileRole::root:
      return "root";
  }
  return "";
}

std::string ImageFile::stored_name() const {
  return std::string(name_of(role)) + "-" + sha256->hex().substr(0, 12);
}

bool Intent::resolved() const noexcept {
  return std::all_of(files.begin(), files.end(), [](const ImageFile& file) { return file.sha256.has_value(); }) &&
         std::all_of(guests.begin(), guests.end(),
                     [](const GuestIntent& guest) { return guest.launch && !guest.reference_values.is_null(); });
}

base::Sha256 intent_digest(const Intent& intent) {
  return base::sha256(base::bytes_of(intent_json(intent).compact()));
}

}  // namespace provisioner
