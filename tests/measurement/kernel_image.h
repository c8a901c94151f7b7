#pragma once
#include "tests/measurement/tdvf_image.h"

namespace measurement::testing_files {

/// A bzImage that is also an EFI program, as small as both parsers take it.
inline base::Buffer kernel_image() {
  base::Buffer bytes(0x1000);
  put(bytes, 0, 0x5a4d, 2);
  put(bytes, 0x3c, 0x40, 4);
  put(bytes, 0x40, 0x4550, 4);
  put(bytes, 0x54, 0xf0, 2);
  put(bytes, 0x58, 0x20b, 2);
  put(bytes, 0x58 + 60, 0x800, 4);
  put(bytes, 0x58 + 108, 16, 4);
  put(bytes, 0x1fe, 0xaa55, 2);
  put(bytes, 0x202, 0x53726448, 4);
  put(bytes, 0x206, 0x20f, 2);
  put(bytes, 0x211, 1, 1);
  put(bytes, 0x22c, 0x7fffffff, 4);
  return bytes;
}

}  // namespace measurement::testing_files
