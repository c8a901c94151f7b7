// room: provisioner
#include "base/error.h"
#include "provisioner/plan.h"

/// A plan of any bytes is refused as malformed or read; what was read is written as it was, member for member.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string written = provisioner::plan_text(provisioner::parse_plan(text, "plan"));
    if (base::Json::parse(written, "written") != base::Json::parse(text, "read")) __builtin_trap();
  } catch (const base::Error& error) {
    if (error.kind() != base::Kind::malformed) __builtin_trap();
  }
  return 0;
}
