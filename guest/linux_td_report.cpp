#include "guest/linux_td_report.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace guest {
namespace {

// Source: Linux include/uapi/linux/tdx-guest.h, which Debian 12's headers are too old for.
struct TdxReportRequest {
  std::array<std::uint8_t, 64> report_data;
  std::array<std::uint8_t, 1024> report;
};
static_assert(sizeof(TdxReportRequest) == 1088);
constexpr unsigned long get_report = _IOWR('T', 1, TdxReportRequest);

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, "cannot " + what + ": " + std::strerror(errno));
}

}  // namespace

TdReport open_td_report(const std::string& device) {
  const int descriptor = ::open(device.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) fail("open " + device);
  const std::shared_ptr<const int> file(new int(descriptor), [](const int* open) {
    ::close(*open);
    delete open;
  });
  return [file, device](base::Bytes data) {
    TdxReportRequest request{};
    std::copy_n(data.begin(), std::min(data.size(), request.report_data.size()), request.report_data.begin());
    if (::ioctl(*file, get_report, &request) != 0) fail("get a TDREPORT of " + device);
    return base::Buffer(request.report.begin(), request.report.end());
  };
}

}  // namespace guest
