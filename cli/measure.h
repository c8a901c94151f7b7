#pragma once
#include <string>
#include <vector>

#include "cli/machine_options.h"
#include "cli/output_format.h"
#include "tenants/tenant.h"

namespace cli {

/// Tenant and site documents; the image files are read from where the tenant's document says.
struct MeasureOptions {
  std::vector<std::string> documents;
  std::string host;
  std::string qemu = default_qemu;  ///< the host's, whose ACPI tables TDX guests will measure
  OutputOptions output;
};

/// Writes what each guest will report, computed from the image files without starting anything. Exit 1 when a file is
/// missing or not what the document says.
int measure(const MeasureOptions& options, Console& console);

/// The least TCB of a document, for Trustee. Its policy has one list of levels for all processors and guests: levels of
/// several families in it would let each family pass with another's.
/// @throws Error{usage} when the document has levels for several families, or others for each pool
measurement::TcbLevels minimum_tcb(const tenants::Tenant& tenant);
measurement::TcbLevels minimum_tcb(const tenants::HardwareDemands& demands);

}  // namespace cli
