#pragma once
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/posix_process.h"

/// The QEMU of tests that ask one; they skip where version() is empty.
namespace testing_qemu {

/// $BULKHEAD_QEMU, else the installed one.
inline std::string program() {
  const char* const named = std::getenv("BULKHEAD_QEMU");
  return named == nullptr ? "qemu-system-x86_64" : named;
}
inline std::string version() {
  try {
    return base::run_or_throw({program(), "--version"});
  } catch (const base::Error&) {
    return {};
  }
}

}  // namespace testing_qemu
