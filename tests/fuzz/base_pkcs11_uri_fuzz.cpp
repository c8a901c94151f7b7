// room: base
#include "base/error.h"
#include "base/pkcs11_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    base::expect_pkcs11_uri({reinterpret_cast<const char*>(data), size});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
