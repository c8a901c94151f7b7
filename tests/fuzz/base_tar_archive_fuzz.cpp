// room: base
#include <cstdlib>

#include "base/error.h"
#include "base/tar_archive.h"

/// What is read, written again and read again is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto members = base::read_tar_archive({data, size}, "archive");
    if (base::read_tar_archive(base::tar_archive(members), "again") != members) std::abort();
  } catch (const base::Error&) {
  }
  return 0;
}
