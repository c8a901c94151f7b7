#pragma once
#include <functional>
#include <string>

#include "base/bytes.h"

namespace guest {

/// A TDREPORT of this TD, 1024 bytes, over 64 bytes of the caller's: the TDX module's own word, which no host touches.
using TdReport = std::function<base::Buffer(base::Bytes)>;

/// The kernel's device for it, opened now. @param device "/dev/tdx_guest"
/// @throws Error{host} with the kernel's reason, now or when a report is asked for
TdReport open_td_report(const std::string& device);

}  // namespace guest
