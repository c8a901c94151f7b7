#pragma once
#include "cli/console.h"
#include "cli/sev_options.h"

namespace cli {

/// Which of a file's digests is the one asked for.
struct MeasureIgvmOptions {
  std::string file;
  std::optional<std::string> tee;     ///< snp, sev-es, sev; absent: the strongest of the file
  std::string vmm = "file";           ///< file, qemu
  std::string zero_pages = "normal";  ///< normal, native
  std::optional<std::string> vcpus;   ///< a number; absent: as many as the file has contexts for
  VcpuOptions cpu;                    ///< of these only the CPU's model or signature
  OutputOptions output;
};

/// Prints the launch digests of an IGVM file, what QEMU makes of it and what its ID block says.
int measure_igvm(const MeasureIgvmOptions& options, Console& console);

}  // namespace cli
