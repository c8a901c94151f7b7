#include "guest/believed_tee.h"

#include <unistd.h>

#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"
#include "guest/initdata_check.h"

namespace guest {
namespace {

constexpr std::size_t cpuinfo_limit = 16U << 20U;

[[noreturn]] void refuse(const std::string& why) {
  throw base::Error(base::Kind::not_attested, why);
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool has_flag(const std::string& cpuinfo, const std::string& flag) {
  std::istringstream lines(cpuinfo);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("flags")) return (line + " ").find(" " + flag + " ") != std::string::npos;
  }
  return false;
}

}  // namespace

base::Tee believed_tee(std::optional<base::Tee> processor, std::string_view command_line) {
  const bool names_initdata = has_command_line_word(command_line, initdata_word);
  if (processor && names_initdata) {
    refuse("the kernel command line has the word " + std::string(initdata_word) +
           ", as only an emulated guest's has, and this machine is a confidential one (" + base::name_of(*processor) +
           ")");
  }
  if (processor) return *processor;
  if (names_initdata) return base::Tee::emulated;
  refuse("the kernel command line has no word " + std::string(initdata_word) +
         ", and the processor runs neither an SEV-SNP guest nor a TD that says which initdata is the right one");
}

std::optional<base::Tee> confidential_processor(const std::string& root) {
  if (exists(root + "/sys/devices/system/cpu/sev") || exists(root + "/dev/sev-guest")) return base::Tee::snp;
  const std::string cpuinfo = base::read_file_if_any(root + "/proc/cpuinfo", cpuinfo_limit).value_or("");
  if (has_flag(cpuinfo, "tdx_guest") || exists(root + "/dev/tdx_guest")) return base::Tee::tdx;
  return std::nullopt;
}

}  // namespace guest
