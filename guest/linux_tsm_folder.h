#pragma once
#include <memory>

#include "guest/tsm_report.h"

namespace guest {

/// The folder of this kernel, opened once: it stays in reach when the file system it is on moves to the root disk.
/// @param configfs where the kernel's configfs is mounted: "/sys/kernel/config"
/// @throws Error{host} with what the kernel lacks
std::unique_ptr<TsmFolder> open_tsm_folder(const std::string& configfs);

}  // namespace guest
